const std = @import("std");

/// An order.
pub const Order = struct {
    name: []const u8,
    total: u32 = 0,

    /// Adds a price.
    pub fn add(self: *Order, price: u32) void {
        self.total += price;
    }
};

pub fn main() !void {
    var order = Order{ .name = "a" };
    order.add(1);
}

test "adds" {
    try std.testing.expect(true);
}
