import { EventEmitter } from "events";
import { performance } from "perf_hooks";

/** Requests per second that a client may send, and how many at once. */
export interface Limits {
  readonly rate: number;
  readonly burst: number;
}

const DEFAULTS: Limits = { rate: 10, burst: 20 };

/** A token bucket: it fills at a constant rate and never overflows. */
export class Bucket extends EventEmitter {
  private tokens: number;
  private updated = performance.now();

  constructor(private readonly limits: Limits = DEFAULTS) {
    super();
    this.tokens = limits.burst;
  }

  /** Takes a token if there is one. */
  take(count = 1): boolean {
    this.refill();
    if (this.tokens < count) {
      this.emit("rejected", count);
      return false;
    }
    this.tokens -= count;
    return true;
  }

  /** Milliseconds until there are enough tokens. */
  delay(count = 1): number {
    this.refill();
    const missing = Math.max(0, count - this.tokens);
    return (missing / this.limits.rate) * 1000;
  }

  private refill(): void {
    const now = performance.now();
    const added = ((now - this.updated) / 1000) * this.limits.rate;
    this.tokens = Math.min(this.limits.burst, this.tokens + added);
    this.updated = now;
  }
}

export async function withRetry<T>(bucket: Bucket, send: () => Promise<T>): Promise<T> {
  while (!bucket.take()) {
    await new Promise((resolve) => setTimeout(resolve, bucket.delay()));
  }
  return send();
}
