library(stats)

# The total of an order.
total <- function(prices, taxed = FALSE) {
  sum <- sum(prices)
  if (taxed) {
    sum * 1.19
  } else {
    sum
  }
}

plot_prices = function(x, ...) {
  plot(x, ...)
}

total(c(1, 2))
