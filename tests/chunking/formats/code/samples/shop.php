<?php
declare(strict_types=1);

namespace Shop\Orders;

use DateTime;
use Shop\Store;

/** Says hello. */
function greet(string $name): string
{
    return "Hello $name";
}

#[Entity]
final class Order extends Base implements Countable
{
    private array $lines = [];

    /** Adds a line. */
    public function add(Line $line): static
    {
        $this->lines[] = $line;
        return $this;
    }

    public static function make(): self
    {
        return new self();
    }
}

trait Named
{
    abstract function name(): string;
}

enum State: string
{
    case Open = 'o';
}
