local json = require("json")

-- An order.
local Order = {}
Order.__index = Order

--- Makes one.
function Order.new(name)
  return setmetatable({ name = name }, Order)
end

function Order:total(taxed)
  if taxed then
    return 119
  else
    return 100
  end
end

local function helper(a, b)
  return a + b
end

local add = function(a, b)
  return a + b
end

return Order
