package org.example.harbour;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** A place at the quay, and who has booked it. */
public class Berth {
    private static final Duration GAP = Duration.ofMinutes(30);

    private final double length;
    private final List<Booking> bookings = new ArrayList<>();

    /** A ship from one instant to another. */
    public record Booking(String ship, Instant from, Instant to) {
        public Booking {
            if (!from.isBefore(to)) {
                throw new IllegalArgumentException("from must be before to");
            }
        }
    }

    public Berth(double length) {
        this.length = length;
    }

    /**
     * Books the berth.
     *
     * @return whether it was free, with half an hour between two ships
     */
    public synchronized boolean book(Booking booking, double shipLength) {
        if (shipLength > length) {
            return false;
        }
        for (Booking other : bookings) {
            boolean before = booking.to().plus(GAP).isBefore(other.from());
            boolean after = other.to().plus(GAP).isBefore(booking.from());
            if (!before && !after) {
                return false;
            }
        }
        bookings.add(booking);
        return true;
    }

    @Override
    public String toString() {
        return "Berth of " + length + " m, " + bookings.size() + " bookings";
    }
}
