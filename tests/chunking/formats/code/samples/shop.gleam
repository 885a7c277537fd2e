import gleam/io
import gleam/list

/// An order.
pub type Order {
  Order(name: String, prices: List(Int))
}

/// The total.
pub fn total(order: Order) -> Int {
  list.fold(order.prices, 0, fn(a, b) { a + b })
}

const limit = 20

pub fn main() {
  io.println("shop")
}
