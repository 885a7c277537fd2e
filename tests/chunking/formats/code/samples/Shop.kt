package shop.orders

import java.util.Date
import kotlin.math.max

/** An order. */
@Entity
data class Order(val name: String, var open: Boolean = true) : Base() {
    private val lines = mutableListOf<Line>()

    /** Adds a line. */
    fun add(line: Line): Order {
        lines += line
        return this
    }

    val total: Int
        get() = lines.sumOf { it.price }

    companion object {
        fun empty() = Order("")
    }
}

sealed interface State

object Store {
    fun save(order: Order) = Unit
}

fun <T> List<T>.second(): T = this[1]

enum class Side { LEFT, RIGHT }
