package shop.orders

import scala.collection.mutable

/** An order. */
@deprecated
case class Order(name: String, lines: List[Line]) extends Base {
  val limit = 20

  /** The total. */
  def total(taxed: Boolean): Int = {
    if (taxed) 119
    else 100
  }

  def empty: Boolean = lines.isEmpty
}

object Order {
  def apply(): Order = Order("", Nil)
}

trait Store {
  def save(order: Order): Unit
}
