package dev.outboard.guest;

import dev.outboard.guest.vhost.MemoryRegion;
import dev.outboard.guest.vhost.VhostUserFeatures;
import dev.outboard.guest.vhost.VhostUserFrontend;
import dev.outboard.linux.EventFd;
import dev.outboard.linux.FileDescriptors;
import dev.outboard.linux.LinuxException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/**
 * A stand-in microVM with several queue pairs and, if the device offers it, a control queue of its
 * own. Each pair lies in a memory region of its own. It is for tests of what a device does, not how
 * fast: it polls. One thread, or one for each pair.
 */
public final class MultiQueueGuest implements AutoCloseable {
  private static final int RING = 64;
  private static final int BUFFER = 2048;
  private static final int WRITE = 2;
  private static final int NEXT = 1;
  private static final long PATIENCE_NANOS = 5_000_000_000L;

  private static final long PROTOCOL =
      VhostUserFeatures.MQ
          | VhostUserFeatures.REPLY_ACK
          | VhostUserFeatures.CONFIG
          | VhostUserFeatures.CONFIGURE_MEM_SLOTS;

  private final VhostUserFrontend frontend;
  private final GuestMemory memory;
  private final List<Pair> pairs = new ArrayList<>();
  private final int[] kicks;
  private final long features;
  private RawRing control;
  private GuestMemory.Area commands;
  private int commandsSent;

  private record Pair(RxQueue rx, TxQueue tx) {}

  /** How the VMM hands the memory over. */
  public enum Handover {
    /** All regions in one message. */
    TABLE,
    /** A message for each. */
    SLOTS
  }

  /**
   * A started guest; the frontend is closed with it.
   *
   * @param pairCount how many pairs it uses
   * @param wanted virtio features that its driver agrees to if they are offered
   */
  public MultiQueueGuest(
      String name, int pairCount, long wanted, Handover handover, VhostUserFrontend frontend)
      throws IOException {
    this.frontend = frontend;
    frontend.setOwner();
    features = frontend.getFeatures() & (wanted | VhostUserFeatures.PROTOCOL_FEATURES);
    long protocol = frontend.getProtocolFeatures() & PROTOCOL;
    frontend.setProtocolFeatures(protocol);
    frontend.requireReplies((protocol & VhostUserFeatures.REPLY_ACK) != 0);
    frontend.setFeatures(features);
    boolean hasControl = (features & VirtioNet.CTRL_VQ) != 0;
    kicks = new int[2 * pairCount + (hasControl ? 1 : 0)];
    for (int i = 0; i < kicks.length; i++) {
      kicks[i] = EventFd.create();
    }
    long[] sizes = new long[pairCount + 1];
    long queueBytes = TxQueue.bytes(RING, ChainShape.SINGLE, BUFFER, RING);
    for (int i = 0; i < sizes.length; i++) {
      sizes[i] = 2 * (DriverRing.bytes(RING) + queueBytes + (1 << 16));
    }
    memory = new GuestMemory(name, new GuestMemory.Options(pairCount + 1, false, true), sizes);
    for (int i = 0; i < pairCount; i++) {
      pairs.add(makePair(i));
    }
    hand(handover);
    for (int i = 0; i < pairCount; i++) {
      startRing(2 * i, 0);
      startRing(2 * i + 1, 0);
    }
    if (hasControl) {
      startControl(pairCount, 2 * pairCount);
    }
  }

  private Pair makePair(int region) throws LinuxException {
    long ringBytes = DriverRing.bytes(RING);
    RxQueue rx =
        new RxQueue(
            new SplitDriverRing(memory.allocate(region, ringBytes), RING, false),
            memory.allocate(region, RxQueue.bytes(RING, ChainShape.SINGLE, BUFFER)),
            ChainShape.SINGLE,
            BUFFER,
            false);
    TxQueue tx =
        new TxQueue(
            new SplitDriverRing(memory.allocate(region, ringBytes), RING, false),
            memory.allocate(region, TxQueue.bytes(RING, ChainShape.SINGLE, BUFFER, RING)),
            ChainShape.SINGLE,
            BUFFER,
            RING);
    boolean _ = rx.publish();
    return new Pair(rx, tx);
  }

  private void hand(Handover handover) throws IOException {
    if (handover == Handover.TABLE) {
      frontend.setMemTable(memory.regions());
      return;
    }
    for (MemoryRegion region : memory.regions()) {
      frontend.addMemReg(region);
    }
  }

  private void startRing(int number, int base) throws IOException {
    DriverRing ring = ring(number);
    startRing(
        number,
        base,
        ring.size(),
        ring.descriptorUserAddress(),
        ring.usedUserAddress(),
        ring.availableUserAddress());
  }

  private void startRing(
      int number, int base, int size, long descriptors, long used, long available)
      throws IOException {
    frontend.setVringNum(number, size);
    frontend.setVringBase(number, base);
    frontend.setVringAddr(number, descriptors, used, available);
    frontend.setVringCall(number, -1);
    frontend.setVringKick(number, kicks[number]);
    frontend.setVringEnable(number, true);
  }

  private void startControl(int region, int number) throws IOException {
    GuestMemory.Area area = memory.allocate(region, DriverRing.bytes(RING));
    control = new RawRing(area, RING, 4096, 8192);
    commands = memory.allocate(region, 8192);
    startRing(
        number,
        0,
        RING,
        control.descriptorUserAddress(),
        control.usedUserAddress(),
        control.availableUserAddress());
  }

  /** The virtio features agreed. */
  public long features() {
    return features;
  }

  /** The VMM's end of the session. */
  public VhostUserFrontend frontend() {
    return frontend;
  }

  /** The guest's regions: one for each pair, the last for the control queue. */
  public GuestMemory memory() {
    return memory;
  }

  /** Sends a frame by one of the queues; false if there is no room. */
  public boolean send(int pair, byte[] frame) {
    byte[] bytes = new byte[VirtioNet.HEADER_SIZE + frame.length];
    System.arraycopy(frame, 0, bytes, VirtioNet.HEADER_SIZE, frame.length);
    TxQueue tx = pairs.get(pair).tx();
    tx.reclaim();
    if (!tx.send(bytes)) {
      return false;
    }
    boolean _ = tx.publish();
    long _ = EventFd.signal(kicks[2 * pair + 1]);
    return true;
  }

  /** What has come in one of the queues, its virtio-net header first, or null. */
  public byte[] receive(int pair) {
    RxQueue rx = pairs.get(pair).rx();
    byte[] bytes = rx.receive();
    if (bytes != null) {
      boolean _ = rx.publish();
      long _ = EventFd.signal(kicks[2 * pair]);
    }
    return bytes;
  }

  /** Sends up to {@code count} numbered frames by one of the queues; returns how many. */
  public int send(int pair, FrameTemplate template, long sequence, int count) {
    TxQueue tx = pairs.get(pair).tx();
    int sent = tx.send(template, sequence, count);
    if (sent > 0 && tx.publish()) {
      long _ = EventFd.signal(kicks[2 * pair + 1]);
    }
    return sent;
  }

  /** Shows what has come in one of the queues to the check; returns how many frames there were. */
  public int receive(int pair, FrameCheck check, int limit) {
    RxQueue rx = pairs.get(pair).rx();
    int received = rx.receive(check, limit);
    if (received > 0 && rx.publish()) {
      long _ = EventFd.signal(kicks[2 * pair]);
    }
    return received;
  }

  /** The driver's end of one of the queues, for whoever writes nonsense there. */
  public DriverRing ring(int number) {
    Pair pair = pairs.get(number / 2);
    return number % 2 == 0 ? pair.rx().ring() : pair.tx().ring();
  }

  /** Has the driver's end of a queue kick. */
  public void kick(int number) {
    long _ = EventFd.signal(kicks[number]);
  }

  /** Stops the queues for frames, one after the other; returns where they stand. */
  public int[] stop() throws IOException {
    int[] bases = new int[2 * pairs.size()];
    for (int i = 0; i < bases.length; i++) {
      bases[i] = frontend.getVringBase(i);
    }
    return bases;
  }

  /** Starts them again, from where {@link #stop} left them. */
  public void resume(int... bases) throws IOException {
    for (int i = 0; i < bases.length; i++) {
      startRing(i, bases[i]);
    }
  }

  /**
   * Gives the device a command and waits for its answer.
   *
   * @return 0 if it was carried out, 1 if it was refused, -1 if there was no answer
   */
  public int command(int commandClass, int command, byte... data) {
    int place = commandsSent++;
    MemorySegment memoryOfCommand = commands.segment();
    memoryOfCommand.set(ValueLayout.JAVA_BYTE, 0, (byte) commandClass);
    memoryOfCommand.set(ValueLayout.JAVA_BYTE, 1, (byte) command);
    MemorySegment.copy(data, 0, memoryOfCommand, ValueLayout.JAVA_BYTE, 2, data.length);
    long answer = 4096;
    memoryOfCommand.set(ValueLayout.JAVA_BYTE, answer, (byte) 0x7f);
    // Header and data apart, as Linux does it.
    long at = commands.guestAddress();
    control.descriptor(0, at, 2, NEXT, data.length == 0 ? 2 : 1);
    control.descriptor(1, at + 2, data.length, NEXT, 2);
    control.descriptor(2, at + answer, 1, WRITE, 0);
    control.head(place, 0);
    control.availableIndex(commandsSent & 0xffff);
    long _ = EventFd.signal(kicks[kicks.length - 1]);
    long end = System.nanoTime() + PATIENCE_NANOS;
    while (control.usedIndex() != (commandsSent & 0xffff)) {
      if (System.nanoTime() > end) {
        return -1;
      }
      Thread.onSpinWait();
    }
    return memoryOfCommand.get(ValueLayout.JAVA_BYTE, answer);
  }

  @Override
  public void close() {
    frontend.close();
    memory.close();
    for (int kick : kicks) {
      FileDescriptors.close(kick);
    }
  }
}
