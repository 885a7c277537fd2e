module Shop

using Statistics
import Base: show

"""
An order.
"""
struct Order
    name::String
    prices::Vector{Int}
end

# The total.
function total(order::Order; taxed=false)
    if taxed
        return 1.19 * sum(order.prices)
    else
        return sum(order.prices)
    end
end

macro twice(ex)
    quote
        $ex
        $ex
    end
end

end
