namespace py shop

include "base.thrift"

// An order.
struct Order {
  1: required string name,
  2: optional list<i32> prices,
}

enum Side {
  LEFT = 1,
}

exception Gone {
  1: string why,
}

service Store extends base.Base {
  // Saves one.
  void save(1: Order order) throws (1: Gone gone),
}
