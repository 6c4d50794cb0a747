package dev.outboard.guest;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Both queues of the driver against a device that is written from the specification alone. */
class DriverQueueTest {
  private static final Endpoint A = Endpoint.of("52:54:00:00:00:01", "10.0.0.1");
  private static final Endpoint B = Endpoint.of("52:54:00:00:00:02", "10.0.0.2");
  private static final int RING = 16;
  private static final int BUFFER = 2048;

  private final List<GuestMemory> memories = new ArrayList<>();

  @AfterEach
  void freeMemory() {
    memories.forEach(GuestMemory::close);
  }

  private record Tx(TxQueue queue, PlainDevice device) {}

  private record Rx(RxQueue queue, PlainDevice device) {}

  private Tx tx(ChainShape shape, boolean eventIndex) throws Exception {
    long bytes = TxQueue.bytes(RING, shape, BUFFER, RING);
    GuestMemory memory = memory(bytes);
    DriverRing ring =
        new SplitDriverRing(memory.allocate(0, DriverRing.bytes(RING)), RING, eventIndex);
    GuestMemory.Area buffers = memory.allocate(0, bytes);
    return new Tx(
        new TxQueue(ring, buffers, shape, BUFFER, RING), PlainDevice.of(ring, buffers, eventIndex));
  }

  private Rx rx(ChainShape shape, int buffer, boolean mergeable, boolean eventIndex)
      throws Exception {
    long bytes = RxQueue.bytes(RING, shape, buffer);
    GuestMemory memory = memory(bytes);
    DriverRing ring =
        new SplitDriverRing(memory.allocate(0, DriverRing.bytes(RING)), RING, eventIndex);
    GuestMemory.Area buffers = memory.allocate(0, bytes);
    RxQueue queue = new RxQueue(ring, buffers, shape, buffer, mergeable);
    boolean _ = queue.publish();
    return new Rx(queue, PlainDevice.of(ring, buffers, eventIndex));
  }

  private GuestMemory memory(long buffers) throws Exception {
    GuestMemory memory =
        new GuestMemory(
            "test", GuestMemory.Options.DEFAULT, DriverRing.bytes(RING) + buffers + 4096);
    memories.add(memory);
    return memory;
  }

  private static ChainShape shape(ChainShape.Kind kind) {
    return new ChainShape(kind, 700);
  }

  @ParameterizedTest
  @EnumSource(ChainShape.Kind.class)
  void deviceSeesEachFrameWhole(ChainShape.Kind kind) throws Exception {
    Tx tx = tx(shape(kind), true);
    int[] lengths = {64, 1514, 700, 701, 22, 1518};
    long sequence = 0;
    for (int round = 0; round < 40; round++) {
      FrameTemplate template =
          FrameTemplate.raw(A, B, lengths[round % lengths.length]).withContent();
      FrameCheck check = new FrameCheck(template);
      check.expect(sequence);
      assertEquals(2, tx.queue().send(template, sequence, 2));
      boolean _ = tx.queue().publish();
      for (int i = 0; i < 2; i++) {
        PlainDevice.Chain chain = tx.device().take();
        accept(check, PlainDevice.read(chain));
        tx.device().complete(chain.head(), 0);
      }
      boolean _ = tx.device().publish();
      sequence += 2;
      assertEquals(2, check.frames());
      assertEquals(0, check.lost() + check.late() + check.corrupt() + check.foreign());
    }
  }

  private static void accept(FrameCheck check, byte[] bytes) {
    check.accept(MemorySegment.ofArray(bytes), 0, bytes.length, bytes.length);
  }

  @ParameterizedTest
  @EnumSource(ChainShape.Kind.class)
  void fullRingRefusesAndTakesAgainInAnyOrderOfCompletion(ChainShape.Kind kind) throws Exception {
    Tx tx = tx(shape(kind), true);
    FrameTemplate template = FrameTemplate.raw(A, B, 1514).withContent();
    FrameCheck check = new FrameCheck(template);
    Random random = new Random(1);
    long sequence = 0;
    List<PlainDevice.Chain> held = new ArrayList<>();
    for (int round = 0; round < 500; round++) {
      int wanted = 1 + random.nextInt(RING);
      int sent = tx.queue().send(template, sequence, wanted);
      boolean _ = tx.queue().publish();
      assertEquals(Math.min(wanted, tx.queue().slots() - held.size()), sent);
      sequence += sent;
      takeAll(tx, check, held);
      assertEquals(sequence, check.position());
      int completions = random.nextInt(held.size() + 1);
      for (int i = 0; i < completions; i++) {
        tx.device().complete(held.remove(random.nextInt(held.size())).head(), 0);
      }
      boolean _ = tx.device().publish();
    }
    assertTrue(check.frames() > 500);
    assertEquals(0, check.lost() + check.late() + check.corrupt());
  }

  private static void takeAll(Tx tx, FrameCheck check, List<PlainDevice.Chain> held) {
    PlainDevice.Chain chain = tx.device().take();
    while (chain != null) {
      accept(check, PlainDevice.read(chain));
      held.add(chain);
      chain = tx.device().take();
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void kicksOnlyWhenAsked(boolean eventIndex) throws Exception {
    Tx tx = tx(ChainShape.SINGLE, eventIndex);
    FrameTemplate template = FrameTemplate.raw(A, B, 64);
    for (int round = 0; round < 70_000; round++) {
      boolean armed = round % 3 == 0;
      if (armed) {
        assertTrue(tx.device().arm());
      } else {
        tx.device().quiet();
      }
      assertEquals(3, tx.queue().send(template, round, 3));
      assertEquals(armed, tx.queue().publish(), "round " + round);
      for (int i = 0; i < 3; i++) {
        tx.device().complete(tx.device().take().head(), 0);
      }
      boolean _ = tx.device().publish();
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void isCalledOnlyWhenArmed(boolean eventIndex) throws Exception {
    Rx rx = rx(ChainShape.SINGLE, BUFFER, true, eventIndex);
    FrameTemplate template = FrameTemplate.raw(A, B, 64);
    FrameCheck check = new FrameCheck(template);
    byte[] frame = image(template, 0);
    for (int round = 0; round < 70_000; round++) {
      boolean armed = round % 3 == 0;
      if (armed) {
        assertTrue(rx.queue().ring().arm());
      } else {
        rx.queue().ring().quiet();
      }
      assertTrue(rx.device().deliver(frame, true));
      assertTrue(rx.device().deliver(frame, true));
      assertEquals(armed, rx.device().publish(), "round " + round);
      assertFalse(rx.queue().ring().arm(), "there is work: don't sleep");
      assertEquals(2, rx.queue().receive(check, 4));
      boolean _ = rx.queue().publish();
    }
  }

  private static byte[] image(FrameTemplate template, long sequence) {
    byte[] bytes = new byte[VirtioNet.HEADER_SIZE + template.length()];
    MemorySegment segment = MemorySegment.ofArray(bytes);
    template.copyTo(segment, 0);
    template.stamp(segment, 0, sequence);
    return bytes;
  }

  @ParameterizedTest
  @EnumSource(ChainShape.Kind.class)
  void receivesInOneBufferAndInMany(ChainShape.Kind kind) throws Exception {
    for (boolean mergeable : new boolean[] {false, true}) {
      int buffer = mergeable ? 256 : BUFFER;
      Rx rx = rx(new ChainShape(kind, mergeable ? 100 : 700), buffer, mergeable, true);
      int[] lengths = {64, 800, 243, 244, 245, 22};
      for (int round = 0; round < 300; round++) {
        FrameTemplate template =
            FrameTemplate.raw(A, B, lengths[round % lengths.length]).withContent();
        FrameCheck check = new FrameCheck(template);
        check.expect(round);
        if (!rx.device().deliver(image(template, round), mergeable)) {
          // With linked descriptors a small ring holds few buffers.
          assertTrue(mergeable && kind == ChainShape.Kind.CHAINED && rx.queue().slots() < 4);
          continue;
        }
        boolean _ = rx.device().publish();
        assertEquals(1, rx.queue().receive(check, 8));
        boolean _ = rx.queue().publish();
        assertEquals(1, check.frames());
        assertEquals(0, check.lost() + check.late() + check.corrupt() + check.foreign());
      }
    }
  }

  @Test
  void singleFrameIsHandedOutWhole() throws Exception {
    Rx rx = rx(ChainShape.SINGLE, 256, true, false);
    assertNull(rx.queue().receive());
    byte[] sent = image(FrameTemplate.raw(A, B, 1000).withContent(), 7);
    assertTrue(rx.device().deliver(sent, true));
    boolean _ = rx.device().publish();
    sent[VirtioNet.HEADER_BUFFERS] = 4;
    assertArrayEquals(sent, rx.queue().receive());
    assertNull(rx.queue().receive());
  }

  @Test
  void sequenceNumbersShowLossAndRepetition() throws Exception {
    Rx rx = rx(ChainShape.SINGLE, BUFFER, true, false);
    FrameTemplate template = FrameTemplate.udp(A, B, 100);
    FrameCheck check = new FrameCheck(template);
    for (long sequence : new long[] {0, 1, 4, 3, 5, 5}) {
      assertTrue(rx.device().deliver(image(template, sequence), true));
    }
    assertTrue(rx.device().deliver(image(FrameTemplate.raw(A, B, 64), 0), true));
    boolean _ = rx.device().publish();
    assertEquals(7, rx.queue().receive(check, 16));
    assertEquals(6, check.frames());
    assertEquals(2, check.lost());
    assertEquals(2, check.late());
    assertEquals(1, check.foreign());
    assertEquals(0, check.corrupt());
  }

  @Test
  void brokenDevicesAreFound() throws Exception {
    FrameTemplate template = FrameTemplate.raw(A, B, 64);
    assertBroken("ahead", device -> device.publishIndex(RING + 1));
    assertBroken("not the head", device -> completeOne(device, RING, 76));
    assertBroken("not the head", device -> completeOne(device, -1, 76));
    assertBroken("used length", device -> completeOne(device, 0, BUFFER + 1));
    assertBroken("used length", device -> completeOne(device, 0, 11));
    assertBroken("num_buffers", device -> completeOne(device, 1, 76));
    assertBroken(
        "completed twice",
        device -> {
          assertTrue(device.deliver(image(template, 0), true));
          device.complete(0, 76);
          boolean _ = device.publish();
        });
    Tx tx = tx(ChainShape.SINGLE, true);
    assertEquals(2, tx.queue().send(template, 0, 2));
    boolean _ = tx.queue().publish();
    tx.device().complete(0, 0);
    tx.device().complete(0, 0);
    boolean _ = tx.device().publish();
    BrokenDeviceException twice =
        assertThrows(BrokenDeviceException.class, () -> tx.queue().reclaim());
    assertTrue(twice.getMessage().contains("completed twice"), twice.getMessage());
  }

  private static void completeOne(PlainDevice device, int head, int length) {
    device.complete(head, length);
    boolean _ = device.publish();
  }

  private interface Act {
    void on(PlainDevice device);
  }

  private void assertBroken(String message, Act act) throws Exception {
    Rx rx = rx(ChainShape.SINGLE, BUFFER, true, false);
    act.on(rx.device());
    FrameCheck check = new FrameCheck(FrameTemplate.raw(A, B, 64));
    BrokenDeviceException broken =
        assertThrows(BrokenDeviceException.class, () -> rx.queue().receive(check, RING));
    assertTrue(broken.getMessage().contains(message), broken.getMessage());
  }
}
