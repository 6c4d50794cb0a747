package dev.outboard.guest;

/**
 * How a frame's buffer is described in a ring. Immutable; any thread.
 *
 * @param kind one descriptor, several linked ones, or a table elsewhere in memory
 * @param fragment bytes in each descriptor behind the one of the header; ignored for SINGLE
 */
public record ChainShape(Kind kind, int fragment) {
  /** The three ways of the virtio specification. */
  public enum Kind {
    /** One descriptor holds header and frame. */
    SINGLE,
    /** A descriptor for the header, then linked ones for the frame. */
    CHAINED,
    /** As CHAINED, in a table that one descriptor points to; needs INDIRECT_DESC. */
    INDIRECT
  }

  /** Header and frame in one descriptor: the fastest. */
  public static final ChainShape SINGLE = new ChainShape(Kind.SINGLE, Integer.MAX_VALUE);

  /** Descriptors for a buffer of this size, header included. */
  int descriptors(int bytes) {
    if (kind == Kind.SINGLE) {
      return 1;
    }
    int frame = bytes - VirtioNet.HEADER_SIZE;
    return 1 + (frame + fragment - 1) / fragment;
  }
}
