package dev.outboard.engine.virtqueue;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/**
 * Reads numbers of 16 bits in guest memory that places in memory are computed from. All that rings
 * read of this kind goes through here.
 *
 * <p>Theory of operation. Memory that a VMM takes away while it is read makes HotSpot skip the load
 * and throw an InternalError later. Until then the register keeps what was in it before, any 64
 * bits. But the compiler knows that 16 bits are from 0 to 65,535, and leaves out each check and
 * each mask that this makes needless: what was skipped would be used as a negative index, behind a
 * check that asks for too large ones only (seen: a read far outside all memory, which ends the
 * process). So something is added that the compiler must take for any number, and is always zero:
 * then it has to mask the sum, in a register, and what comes out is in range, whatever was loaded.
 * Numbers of 32 and 64 bits need no such care: for the compiler they can be anything.
 */
final class GuestWords {
  private static final VarHandle SHORT = ValueLayout.JAVA_SHORT.varHandle();

  /** Never written, but not final: the compiler does not know. */
  @SuppressWarnings("FieldMayBeFinal")
  private static int zero;

  private GuestWords() {}

  /** The number at a place, from 0 to 65,535 even if it could not be read. */
  static int get(MemorySegment memory, long at) {
    return inRange(memory.get(ValueLayout.JAVA_SHORT, at));
  }

  /** The same, before anything that is read later. */
  static int getAcquire(MemorySegment memory, long at) {
    return inRange((short) SHORT.getAcquire(memory, at));
  }

  /** The lower 16 bits of what was made of guest memory. */
  static int inRange(int loaded) {
    return (loaded + zero) & 0xffff;
  }
}
