package dev.outboard.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.outboard.guest.Frames;
import dev.outboard.guest.GuestMemory;
import dev.outboard.guest.RawRing;
import dev.outboard.guest.VhostUserGuest;
import dev.outboard.guest.VirtioNet;
import dev.outboard.guest.vhost.VhostUserFeatures;
import dev.outboard.guest.vhost.VhostUserFrontend;
import dev.outboard.guest.vhost.VhostUserMessage;
import dev.outboard.linux.EventFd;
import dev.outboard.linux.FileDescriptors;
import dev.outboard.linux.Mapping;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The in-flight file, byte for byte (vhost-user, "Inflight I/O tracking"): what an earlier back-end
 * took and did not complete is served once, first, in the order in which it was taken.
 */
class InflightFileTest {
  private static final int RING = 8;
  private static final int TX = 1;
  private static final int QUEUES = 2;
  private static final int FRAME = 100;
  private static final long SECOND = 1_000_000_000L;

  /** Offsets in the part of a queue. */
  private static final int VERSION = 8;

  private static final int DESCRIPTORS = 10;
  private static final int LAST_BATCH = 12;
  private static final int USED_INDEX = 14;
  private static final int ENTRIES = 16;

  private TestHost host;
  private VhostUserGuest receiver;
  private GuestMemory memory;
  private RawRing ring;
  private int kick;
  private Arena arena;

  @BeforeEach
  void start() throws Exception {
    host = new TestHost();
    receiver = host.start(2);
    host.engine.attach(host.spec(1));
    arena = Arena.ofShared();
    kick = EventFd.create();
    memory = new GuestMemory("raw", GuestMemory.Options.DEFAULT, 1 << 16);
    ring = new RawRing(memory.allocate(0, 12_288), RING, 4096, 8192);
    GuestMemory.Area buffers = memory.allocate(0, 4096);
    for (int i = 0; i < RING; i++) {
      byte[] frame =
          Frames.ethernet(
              TestHost.endpoint(2).mac(),
              TestHost.endpoint(1).mac(),
              Frames.TYPE_TEST,
              new byte[] {(byte) i});
      MemorySegment.copy(
          frame, 0, buffers.segment(), ValueLayout.JAVA_BYTE, 512L * i + 12, frame.length);
      ring.descriptor(i, buffers.guestAddress() + 512L * i, VirtioNet.HEADER_SIZE + FRAME, 0, 0);
      ring.head(i, i);
    }
  }

  @AfterEach
  void stop() throws IOException {
    host.close();
    memory.close();
    arena.close();
    FileDescriptors.close(kick);
  }

  private VhostUserFrontend connect() throws Exception {
    TestHost.await(() -> host.status("g1").state() == GuestStatus.State.WAITING);
    VhostUserFrontend vmm = host.connect(1);
    vmm.setOwner();
    long protocol = vmm.getProtocolFeatures();
    assertTrue((protocol & VhostUserFeatures.INFLIGHT_SHMFD) != 0);
    vmm.setProtocolFeatures(protocol);
    vmm.requireReplies(true);
    vmm.setFeatures(VirtioNet.VERSION_1);
    vmm.setMemTable(memory.regions());
    return vmm;
  }

  private void startRing(VhostUserFrontend vmm, int base) throws IOException {
    vmm.setVringNum(TX, RING);
    vmm.setVringBase(TX, base);
    vmm.setVringAddr(
        TX, ring.descriptorUserAddress(), ring.usedUserAddress(), ring.availableUserAddress());
    vmm.setVringKick(TX, kick);
    vmm.setVringEnable(TX, true);
    long _ = EventFd.signal(kick);
  }

  /** Asks for the file; the answer's descriptor stays open until the JVM's end of the test. */
  private static int file(VhostUserFrontend vmm) throws IOException {
    VhostUserMessage answer = vmm.getInflightFd(QUEUES, RING);
    assertEquals(1, answer.fds().length);
    assertTrue(answer.payload().getLong(0) >= 2 * (ENTRIES + 16 * RING));
    assertEquals(QUEUES, answer.payload().getShort(16));
    assertEquals(RING, answer.payload().getShort(18));
    return answer.fds()[0];
  }

  private MemorySegment map(int file) throws IOException {
    return Mapping.map(file, 0, 4096, arena);
  }

  /** The part of the transmit ring: they are aligned to 64 bytes. */
  private static MemorySegment part(MemorySegment file) {
    long each = (ENTRIES + 16L * RING + 63) / 64 * 64;
    return file.asSlice(TX * each, each);
  }

  private List<Integer> received() {
    List<Integer> marks = new ArrayList<>();
    for (byte[] bytes = receiver.receiveBytes(SECOND / 2);
        bytes != null;
        bytes = receiver.receiveBytes(SECOND / 5)) {
      marks.add((int) bytes[VirtioNet.HEADER_SIZE + Frames.ETHERNET_HEADER]);
    }
    return marks;
  }

  private static void mark(MemorySegment part, int head, long counter, int next) {
    long at = ENTRIES + 16L * head;
    part.set(ValueLayout.JAVA_BYTE, at, (byte) 1);
    part.set(ValueLayout.JAVA_SHORT, at + 6, (short) next);
    part.set(ValueLayout.JAVA_LONG, at + 8, counter);
  }

  @Test
  void aNewBackEndGoesOnFromTheUsedIndexWhateverBaseItIsTold() throws Exception {
    int file;
    try (VhostUserFrontend vmm = connect()) {
      file = file(vmm);
      vmm.setInflightFd(4096, 0, QUEUES, RING, file);
      startRing(vmm, 0);
      ring.availableIndex(3);
      long _ = EventFd.signal(kick);
      assertEquals(List.of(0, 1, 2), received());
    }
    MemorySegment part = part(map(file));
    assertEquals(1, part.get(ValueLayout.JAVA_SHORT, VERSION));
    assertEquals(RING, part.get(ValueLayout.JAVA_SHORT, DESCRIPTORS));
    assertEquals(3, part.get(ValueLayout.JAVA_SHORT, USED_INDEX));
    ring.availableIndex(5);
    try (VhostUserFrontend vmm = connect()) {
      vmm.setInflightFd(4096, 0, QUEUES, RING, file);
      startRing(vmm, 5);
      assertEquals(List.of(3, 4), received());
      assertEquals(5, ring.usedIndex());
    }
    FileDescriptors.close(file);
  }

  @Test
  void whatAnotherBackEndLeftInFlightIsServedFirstInItsOrder() throws Exception {
    try (VhostUserFrontend vmm = connect()) {
      int file = file(vmm);
      MemorySegment part = part(map(file));
      // Five were taken: 0, 2 and 4 completed; 3 had been taken before 1. Two more are waiting.
      part.set(ValueLayout.JAVA_SHORT, VERSION, (short) 1);
      part.set(ValueLayout.JAVA_SHORT, DESCRIPTORS, (short) RING);
      part.set(ValueLayout.JAVA_SHORT, USED_INDEX, (short) 3);
      mark(part, 3, 70, 0);
      mark(part, 1, 71, 0);
      ring.availableIndex(7);
      ring.usedIndex(3);
      vmm.setInflightFd(4096, 0, QUEUES, RING, file);
      startRing(vmm, 0);
      assertEquals(List.of(3, 1, 5, 6), received());
      assertEquals(7, ring.usedIndex());
      int[] completed = new int[4];
      for (int i = 0; i < completed.length; i++) {
        completed[i] = ring.usedId(3 + i);
      }
      assertArrayEquals(new int[] {3, 1, 5, 6}, completed);
      assertEquals(0, part.get(ValueLayout.JAVA_BYTE, ENTRIES + 16L * 3));
      assertEquals(0, part.get(ValueLayout.JAVA_BYTE, ENTRIES + 16L));
      assertEquals(7, part.get(ValueLayout.JAVA_SHORT, USED_INDEX));
      FileDescriptors.close(file);
    }
  }

  @Test
  void aBatchThatWasShownButStillMarkedIsNotServedAgain() throws Exception {
    try (VhostUserFrontend vmm = connect()) {
      int file = file(vmm);
      MemorySegment part = part(map(file));
      // Heads 0 and 1 were shown as used in one batch; then the back-end died.
      part.set(ValueLayout.JAVA_SHORT, VERSION, (short) 1);
      part.set(ValueLayout.JAVA_SHORT, DESCRIPTORS, (short) RING);
      part.set(ValueLayout.JAVA_SHORT, USED_INDEX, (short) 0);
      part.set(ValueLayout.JAVA_SHORT, LAST_BATCH, (short) 1);
      mark(part, 0, 1, 0);
      mark(part, 1, 2, 0);
      mark(part, 2, 3, 0);
      ring.availableIndex(4);
      ring.usedIndex(2);
      vmm.setInflightFd(4096, 0, QUEUES, RING, file);
      startRing(vmm, 0);
      assertEquals(List.of(2, 3), received());
      assertEquals(4, ring.usedIndex());
      FileDescriptors.close(file);
    }
  }

  @Test
  void aFileThatDoesNotFitTheRingEndsTheSession() throws Exception {
    try (VhostUserFrontend vmm = connect()) {
      int file = file(vmm);
      MemorySegment part = part(map(file));
      part.set(ValueLayout.JAVA_SHORT, VERSION, (short) 1);
      part.set(ValueLayout.JAVA_SHORT, DESCRIPTORS, (short) (2 * RING));
      vmm.setInflightFd(4096, 0, QUEUES, RING, file);
      vmm.requireReplies(false);
      startRing(vmm, 0);
      TestHost.await(() -> host.status("g1").note().startsWith("the in-flight file is of version"));
      FileDescriptors.close(file);
    }
    assertNull(receiver.receiveBytes(SECOND / 10));
  }

  @Test
  void marksOutsideTheRingHarmNobody() throws Exception {
    try (VhostUserFrontend vmm = connect()) {
      int file = file(vmm);
      MemorySegment part = part(map(file));
      part.set(ValueLayout.JAVA_SHORT, VERSION, (short) 1);
      part.set(ValueLayout.JAVA_SHORT, DESCRIPTORS, (short) RING);
      part.set(ValueLayout.JAVA_SHORT, LAST_BATCH, (short) 0xfff0);
      part.set(ValueLayout.JAVA_SHORT, USED_INDEX, (short) 0x8000);
      for (int head = 0; head < RING; head++) {
        mark(part, head, Long.MIN_VALUE, 0xffff);
      }
      vmm.setInflightFd(4096, 0, QUEUES, RING, file);
      vmm.requireReplies(false);
      startRing(vmm, 0);
      VhostUserGuest other = host.start(3);
      byte[] frame =
          Frames.ethernet(
              TestHost.endpoint(2).mac(),
              TestHost.endpoint(3).mac(),
              Frames.TYPE_TEST,
              new byte[] {77});
      assertTrue(other.sendFrame(frame));
      byte[] bytes = receiver.receiveBytes(5 * SECOND);
      assertNotNull(bytes);
      FileDescriptors.close(file);
    }
  }
}
