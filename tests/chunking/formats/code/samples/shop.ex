defmodule Shop.Order do
  @moduledoc "An order."

  alias Shop.Line
  use GenServer

  @doc "The total."
  @spec total(list()) :: integer()
  def total(lines, opts \\ []) do
    lines
    |> Enum.map(& &1.price)
    |> Enum.sum()
  end

  defp empty?(lines), do: lines == []

  defmacro order(name) do
    quote do
      unquote(name)
    end
  end
end

defimpl String.Chars, for: Shop.Order do
  def to_string(order), do: order.name
end
