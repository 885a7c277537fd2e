# frozen_string_literal: true

require "time"

# Who takes ships into the harbour, and when.
module Pilotage
  Watch = Struct.new(:pilot, :from, :to)

  # The watches of a day.
  class Roster
    def initialize(watches)
      @watches = watches.sort_by(&:from)
    end

    # The pilot on watch; nil if there is none.
    def on_watch(time)
      watch = @watches.find { |each| (each.from...each.to).cover?(time) }
      watch&.pilot
    end

    def gaps
      @watches.each_cons(2).filter_map do |first, second|
        [first.to, second.from] if first.to < second.from
      end
    end
  end

  def self.read(path)
    watches = File.readlines(path, chomp: true).map do |line|
      pilot, from, to = line.split(",")
      Watch.new(pilot, Time.parse(from), Time.parse(to))
    end
    Roster.new(watches)
  end
end
