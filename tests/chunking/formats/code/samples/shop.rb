# frozen_string_literal: true

require "json"
require_relative "line"

module Shop
  # An order.
  class Order < Base
    attr_reader :lines

    LIMIT = 20

    # Makes one.
    def initialize(lines = [])
      @lines = lines
    end

    def self.empty
      new
    end

    def total(taxed: false)
      sum = lines.sum(&:price)
      if taxed
        sum * 1.19
      else
        sum
      end
    end
  end
end

def main
  puts Shop::Order.empty.total
end
