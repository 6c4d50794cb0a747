package dev.outboard.testkit.broken;

import static dev.outboard.testkit.broken.Fault.GUEST;

import dev.outboard.spi.Counter;
import dev.outboard.spi.ReceiveSpace;
import java.lang.foreign.ValueLayout;
import java.util.List;

/** Faults in how a guest's port fills the guest's buffers. */
final class DirectReceiveFaults {
  private DirectReceiveFaults() {}

  static List<Fault> all() {
    return List.of(
        GUEST.port(
            "direct-2",
            "the header of a plain frame",
            real ->
                new BrokenPort(real) {
                  @Override
                  public int receive(ReceiveSpace space, int limit) {
                    int count = super.receive(space, limit);
                    for (int i = 0; i < count; i++) {
                      spoil(space, space.frameFirstBuffer(i), 0);
                    }
                    return count;
                  }
                }),
        GUEST.port(
            "direct-3",
            "byte",
            real ->
                new BrokenPort(real) {
                  @Override
                  public int receive(ReceiveSpace space, int limit) {
                    int count = super.receive(space, limit);
                    for (int i = 0; i < count; i++) {
                      if (space.frameBuffers(i) > 1) {
                        spoil(space, space.frameFirstBuffer(i) + 1, 0);
                      }
                    }
                    return count;
                  }
                }),
        GuestFaults.opened(
                "direct-4",
                "frames counted as dropped",
                spec ->
                    new BrokenSpec(spec) {
                      @Override
                      public Counter dropCounter(String reason) {
                        return new Counter();
                      }
                    })
            .waiting(),
        GUEST.port(
            "direct-5",
            "receive of at most",
            real ->
                new BrokenPort(real) {
                  @Override
                  public int receive(ReceiveSpace space, int limit) {
                    return super.receive(space, limit + 1);
                  }
                }),
        GUEST.port(
            "direct-6",
            "was written to",
            real ->
                new BrokenPort(real) {
                  @Override
                  public int receive(ReceiveSpace space, int limit) {
                    int count = super.receive(space, limit);
                    if (space.nextBuffer() < space.bufferCount()) {
                      spoil(space, space.nextBuffer(), 1);
                    }
                    return count;
                  }
                }));
  }

  private static void spoil(ReceiveSpace space, int buffer, int at) {
    int f = space.firstFragment(buffer);
    byte is = space.segment(f).get(ValueLayout.JAVA_BYTE, space.offset(f) + at);
    space.segment(f).set(ValueLayout.JAVA_BYTE, space.offset(f) + at, (byte) ~is);
  }
}
