using System;
using System.Collections.Generic;
using System.Linq;

namespace Harbour.Billing
{
    /// <summary>What a ship pays for its stay.</summary>
    public sealed class Invoice
    {
        private readonly List<Line> lines = new();

        public record Line(string Text, decimal Amount);

        public string Ship { get; }

        public Invoice(string ship) => Ship = ship;

        /// <summary>Harbour dues, by gross tonnage and day.</summary>
        public void AddDues(int tonnage, int days)
        {
            var rate = tonnage switch
            {
                < 500 => 0.12m,
                < 5000 => 0.18m,
                _ => 0.25m,
            };
            lines.Add(new Line($"Dues for {days} days", rate * tonnage * days));
        }

        public decimal Total => lines.Sum(line => line.Amount);

        public override string ToString()
        {
            var text = lines.Select(line => $"{line.Text,-30}{line.Amount,10:F2}");
            return string.Join(Environment.NewLine, text.Append($"{"Total",-30}{Total,10:F2}"));
        }
    }
}
