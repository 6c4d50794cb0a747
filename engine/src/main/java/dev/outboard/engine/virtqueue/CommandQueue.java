package dev.outboard.engine.virtqueue;

import dev.outboard.engine.memory.GuestMemory;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/**
 * The device's end of a queue of commands, each a chain of some bytes to read and one to write the
 * answer to: the control queue (virtio 1.2, section 5.1.6.5). Used by one thread, the one that
 * controls the guest; commands are copied before they are looked at.
 */
public final class CommandQueue {
  /** More than any command has that matters; longer ones are refused. */
  private static final int MAX_COMMAND = 2048;

  private static final byte REFUSED = 1;

  private final Virtqueue ring;
  private final DescriptorChain chain = new DescriptorChain();
  private final byte[] command = new byte[MAX_COMMAND];

  /** What is done with a command. */
  public interface Handler {
    /**
     * Carries out a command.
     *
     * @param bytes the command, from the first byte on; only until this returns
     * @return whether it was carried out
     */
    boolean handle(byte[] bytes, int length);
  }

  /** A queue over a ring. */
  public CommandQueue(Virtqueue ring) {
    this.ring = ring;
  }

  /**
   * Serves commands, and shows the driver the answers; whether it must be called is asked of the
   * ring afterwards.
   *
   * @param limit how many at most
   * @return how many were served
   */
  public int serve(int limit, Handler handler) {
    int served = 0;
    while (served < limit && ring.available(1) > 0) {
      int head = ring.head(0);
      if (head < 0) {
        break;
      }
      ring.advance(1);
      ring.complete(head, serveOne(head, handler));
      served++;
    }
    if (ring.publish()) {
      VarHandle.fullFence();
    }
    return served;
  }

  /** Returns how many bytes were written. */
  private int serveOne(int head, Handler handler) {
    if (!chain.readMixed(ring, head) || chain.readable() == chain.count()) {
      return 0;
    }
    int length = copyCommand();
    boolean done = length >= 0 && handler.handle(command, length);
    int answer = chain.readable();
    ring.memory
        .segment(chain.region(answer))
        .set(ValueLayout.JAVA_BYTE, chain.offset(answer), done ? 0 : REFUSED);
    return 1;
  }

  /** The length of the command, or -1 if it is too long. */
  private int copyCommand() {
    GuestMemory memory = ring.memory;
    int length = 0;
    for (int b = 0; b < chain.readable(); b++) {
      if (chain.length(b) > command.length - length) {
        return -1;
      }
      MemorySegment.copy(
          memory.segment(chain.region(b)),
          ValueLayout.JAVA_BYTE,
          chain.offset(b),
          command,
          length,
          chain.length(b));
      length += chain.length(b);
    }
    return length;
  }

  /** The ring underneath: calls, kicks, position. */
  public Virtqueue ring() {
    return ring;
  }
}
