package dev.outboard.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.outboard.guest.FrameCheck;
import dev.outboard.guest.FrameTemplate;
import dev.outboard.guest.VhostUserGuest;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Frames between guests of one host and tenant take shared memory. */
class LocalForwardingTest {
  @ParameterizedTest
  @ValueSource(ints = {60, 64, 128, 140, 141, 256, 1024, 1500, 1518})
  void framesArriveWholeAndInOrder(int length) throws Exception {
    try (TestHost host = new TestHost()) {
      VhostUserGuest a = host.start(1);
      VhostUserGuest b = host.start(2);
      FrameTemplate template =
          FrameTemplate.raw(TestHost.endpoint(1), TestHost.endpoint(2), length).withContent();
      FrameCheck check = new FrameCheck(template);
      TestHost.stream(a, b, template, check, 20_000, 128);
      assertEquals(20_000, check.frames());
      assertEquals(0, check.lost());
      assertEquals(0, check.late());
      assertEquals(0, check.corrupt());
      TestHost.await(() -> host.counters(1).sentFrames() == 20_000);
      assertEquals(20_000, host.counters(2).receivedFrames());
      assertEquals(20_000L * length, host.counters(2).receivedBytes());
      assertEquals(Map.of(), host.drops(1));
    }
  }
}
