package dev.outboard.spi;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * A counter with one writer: the thread that owns the counted thing adds, any thread reads. No
 * atomic instruction on the way of a frame.
 */
public final class Counter {
  private static final VarHandle VALUE;

  static {
    try {
      VALUE = MethodHandles.lookup().findVarHandle(Counter.class, "value", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private long value;

  /** Adds; the owning thread alone. */
  public void add(long amount) {
    VALUE.setOpaque(this, value + amount);
  }

  /** The value now; any thread. */
  public long value() {
    return (long) VALUE.getOpaque(this);
  }
}
