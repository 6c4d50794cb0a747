package dev.outboard.transport.dpdk.underlay;

import dev.outboard.testing.Allocation;
import java.lang.foreign.MemorySegment;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** On the way of a frame, of a question and of a forged packet nothing is allocated. */
class UnderlayAllocationTest {
  private static final int TIMES = 50_000;
  private static final int END = -1;

  private long millis;
  private volatile int wanted;
  private volatile int done;

  @ParameterizedTest
  @EnumSource
  void nothingIsAllocated(Family family) throws Exception {
    TestHost here = TestHost.of(family, 1);
    TestHost there = TestHost.of(family, 2);
    int to = here.open(5, there);
    int _ = there.open(5, here);
    here.resolve(there);
    MemorySegment packet = MemorySegment.ofArray(new byte[family.headers + 60]);
    MemorySegment echo = MemorySegment.ofArray(Packets.echo(family, 1, 2, 56));
    MemorySegment foreign =
        MemorySegment.ofArray(Packets.datagram(family, 9, 2, 4789, Packets.vxlan(8, 5, 60)));
    MemorySegment reply = MemorySegment.ofArray(new byte[256]);
    Runnable round =
        () -> {
          for (int i = 0; i < TIMES; i++) {
            millis++;
            here.atMillis(millis);
            there.atMillis(millis);
            int length = here.underlay.encapsulate(packet, 0, 60, to, i);
            if (length > 0
                && there.underlay.decapsulate(packet, 0, length, false) != Verdict.FRAME) {
              throw new AssertionError("not a frame");
            }
            if (there.underlay.decapsulate(echo, 0, (int) echo.byteSize(), false)
                == Verdict.ANSWER) {
              int _ = there.underlay.answer(echo, 0, reply, 0, 256);
            }
            Verdict _ = there.underlay.decapsulate(foreign, 0, (int) foreign.byteSize(), false);
            int asked = here.underlay.request(reply, 0);
            if (asked > 0 && there.underlay.decapsulate(reply, 0, asked, false) == Verdict.ANSWER) {
              int answered = there.underlay.answer(reply, 0, packet, 0, 110);
              Verdict _ = here.underlay.decapsulate(packet, 0, answered, false);
            }
          }
        };
    Thread worker = Thread.ofPlatform().start(() -> work(round));
    try {
      Allocation.assertNone(Set.of(worker.threadId()), this::oneRound);
    } finally {
      wanted = END;
      worker.join();
    }
  }

  private void work(Runnable round) {
    while (wanted != END) {
      if (wanted > done) {
        round.run();
        done = wanted;
      }
      Thread.onSpinWait();
    }
  }

  private void oneRound() {
    wanted = done + 1;
    while (done < wanted) {
      Thread.onSpinWait();
    }
  }
}
