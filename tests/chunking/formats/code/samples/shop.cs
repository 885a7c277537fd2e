// Licensed to nobody.
using System;
using System.Collections.Generic;

namespace Shop.Orders;

/// <summary>An order.</summary>
[Serializable]
public class Order : IComparable<Order>
{
    private readonly List<Line> lines = new();

    public string Name { get; init; } = "none";

    public Order(string name)
    {
        Name = name;
    }

    /// <summary>The total in cents.</summary>
    [Obsolete("use Sum")]
    public int Total(bool taxed)
    {
        if (taxed)
        {
            return 119;
        }
        else
        {
            return 100;
        }
    }

    public int CompareTo(Order? other) => 0;
}

public record Line(string Sku, int Count);

public interface IStore
{
    void Save(Order order);
}

enum State { Open, Closed }
