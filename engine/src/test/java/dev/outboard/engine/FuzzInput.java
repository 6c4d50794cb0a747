package dev.outboard.engine;

/**
 * Choices read from bytes, so that any bytes are a valid input and a small change of them is a
 * small change of what is done. Past the end all choices are 0. One thread.
 */
public final class FuzzInput {
  private final byte[] bytes;
  private int next;

  /** Reads from the start. */
  public FuzzInput(byte[] bytes) {
    this.bytes = bytes;
  }

  /** Whether there are bytes left. */
  public boolean hasMore() {
    return next < bytes.length;
  }

  /** A byte, 0 to 255. */
  public int octet() {
    return next < bytes.length ? bytes[next++] & 0xff : 0;
  }

  /** A number below {@code limit}, which is at most 65,536. */
  public int below(int limit) {
    return (limit <= 256 ? octet() : octet() << 8 | octet()) % limit;
  }

  /** True once in so many times; never past the end. */
  public boolean oneIn(int times) {
    return octet() % times == 1;
  }

  /** One of these. */
  public long oneOf(long... values) {
    return values[below(values.length)];
  }

  /** Eight bytes. */
  public long word() {
    long word = 0;
    for (int i = 0; i < 8; i++) {
      word = word << 8 | octet();
    }
    return word;
  }

  /** A number that programs stumble over, or one near it, or any. */
  public long edge() {
    return switch (below(8)) {
      case 0 -> octet();
      case 1 -> -octet();
      case 2 -> (1L << below(64)) - 1 + below(3);
      case 3 -> Integer.MAX_VALUE - 2L + below(5);
      case 4 -> Long.MAX_VALUE - 2 + below(5);
      case 5 -> 0xffff_ffffL - 2 + below(5);
      case 6 -> below(65_536);
      default -> word();
    };
  }
}
