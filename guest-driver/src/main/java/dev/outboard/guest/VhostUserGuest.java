package dev.outboard.guest;

import dev.outboard.guest.vhost.VhostUserFeatures;
import dev.outboard.guest.vhost.VhostUserFrontend;
import dev.outboard.guest.vhost.VhostUserMessage;
import dev.outboard.linux.Epoll;
import dev.outboard.linux.EventFd;
import dev.outboard.linux.FileDescriptors;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;

/**
 * A stand-in microVM whose network card is served by a vhost-user backend: driver and VMM in one
 * object. Built and started by any thread, then used by one; the kick is an eventfd write, and only
 * if the device asked for it.
 */
public final class VhostUserGuest implements GuestDevice {
  private static final int RINGS = 2;

  /** What a serious VMM agrees to besides; nothing that needs an answer from us. */
  private static final long PROTOCOL =
      VhostUserFeatures.MQ
          | VhostUserFeatures.REPLY_ACK
          | VhostUserFeatures.CONFIG
          | VhostUserFeatures.CONFIGURE_MEM_SLOTS
          | VhostUserFeatures.RESET_DEVICE
          | VhostUserFeatures.STATUS;

  private final VirtioNetDriver driver;
  private final TxQueue tx;
  private final RxQueue rx;
  private final int[] kicks = {-1, -1};
  private final int[] calls = {-1, -1};
  private final int txKick;
  private final int rxKick;
  private final long protocol;
  private VhostUserFrontend frontend;

  /** Where {@link #await} waits; null before the first time, for thousands may never do so. */
  private Epoll called;

  /** The answer that brought the in-flight file; null if there is none. */
  private VhostUserMessage inflight;

  /** Where the rings stood when the device was last told. */
  private int rxBase;

  private int txBase;
  private long kickCount;
  private long wakeCount;

  private VhostUserGuest(String name, GuestOptions options, VhostUserFrontend frontend)
      throws IOException {
    this.frontend = frontend;
    protocol = options.inflight() ? PROTOCOL | VhostUserFeatures.INFLIGHT_SHMFD : PROTOCOL;
    long agreed = negotiate(frontend, options.features(), protocol);
    driver = new VirtioNetDriver(name, options, agreed);
    tx = driver.tx();
    rx = driver.rx();
    for (int ring = 0; ring < RINGS; ring++) {
      kicks[ring] = EventFd.create();
      calls[ring] = EventFd.create();
    }
    txKick = kicks[VirtioNetDriver.TX];
    rxKick = kicks[VirtioNetDriver.RX];
  }

  /** A guest on a frontend that nobody has spoken through yet; both are closed together. */
  public static VhostUserGuest start(String name, GuestOptions options, VhostUserFrontend frontend)
      throws IOException {
    VhostUserGuest guest;
    try {
      guest = new VhostUserGuest(name, options, frontend);
    } catch (IOException | RuntimeException e) {
      frontend.close();
      throw e;
    }
    try {
      guest.giveInflight();
      guest.startRings(guest.rx.ring().firstBase(), guest.tx.ring().firstBase(), false);
      return guest;
    } catch (IOException | RuntimeException e) {
      guest.close();
      throw e;
    }
  }

  private static long negotiate(VhostUserFrontend frontend, long wanted, long wantedProtocol)
      throws IOException {
    frontend.setOwner();
    long offered = frontend.getFeatures();
    if ((offered & VirtioNet.VERSION_1) == 0) {
      throw new IOException("the backend does not offer VERSION_1");
    }
    long agreed = offered & wanted;
    if ((offered & VhostUserFeatures.PROTOCOL_FEATURES) != 0) {
      long protocol = frontend.getProtocolFeatures() & wantedProtocol;
      frontend.setProtocolFeatures(protocol);
      frontend.requireReplies((protocol & VhostUserFeatures.REPLY_ACK) != 0);
      agreed |= VhostUserFeatures.PROTOCOL_FEATURES;
    }
    frontend.setFeatures(agreed);
    return agreed;
  }

  /** The first backend makes the file in which it notes what is in flight, the others get it. */
  private void giveInflight() throws IOException {
    if ((protocol & VhostUserFeatures.INFLIGHT_SHMFD) == 0) {
      return;
    }
    int size = driver.ring(VirtioNetDriver.TX).size();
    if (inflight == null) {
      inflight = frontend.getInflightFd(RINGS, size);
    }
    ByteBuffer file = inflight.payload();
    frontend.setInflightFd(file.getLong(0), file.getLong(8), RINGS, size, inflight.fds()[0]);
  }

  /**
   * Starts both rings. A backend takes what is in a disabled transmit ring and drops it, so one
   * that holds frames already is enabled first, as QEMU does; else last, as UML and virtio-user do.
   */
  private void startRings(int rxFrom, int txFrom, boolean enableFirst) throws IOException {
    rxBase = rxFrom;
    txBase = txFrom;
    frontend.setMemTable(driver.memory().regions());
    if (enableFirst) {
      enableRings();
    }
    for (int number = 0; number < RINGS; number++) {
      DriverRing ring = driver.ring(number);
      frontend.setVringCall(number, calls[number]);
      frontend.setVringNum(number, ring.size());
      frontend.setVringBase(number, number == VirtioNetDriver.RX ? rxBase : txBase);
      frontend.setVringAddr(
          number,
          ring.descriptorUserAddress(),
          ring.usedUserAddress(),
          ring.availableUserAddress());
      frontend.setVringKick(number, kicks[number]);
    }
    if (!enableFirst) {
      enableRings();
    }
    // A kick is what starts a ring; without one a backend may leave it stopped.
    kickBoth();
  }

  private void enableRings() throws IOException {
    if ((driver.features() & VhostUserFeatures.PROTOCOL_FEATURES) != 0) {
      for (int number = 0; number < RINGS; number++) {
        frontend.setVringEnable(number, true);
      }
    }
  }

  private void kickBoth() {
    long _ = EventFd.signal(rxKick);
    long _ = EventFd.signal(txKick);
  }

  /** Stops both rings as a VMM that pauses does; returns the indexes that the backend told. */
  public int[] stop() throws IOException {
    int[] bases = new int[RINGS];
    for (int ring = 0; ring < RINGS; ring++) {
      bases[ring] = frontend.getVringBase(ring);
    }
    return bases;
  }

  /** Starts both rings where {@link #stop} left them. */
  public void resume(int[] bases) throws IOException {
    startRings(bases[VirtioNetDriver.RX], bases[VirtioNetDriver.TX], true);
  }

  /**
   * Goes on with a new backend after the old one has gone: same memory, same rings, from where the
   * used rings stand, as QEMU does.
   */
  public void reconnect(VhostUserFrontend fresh) throws IOException {
    frontend.close();
    frontend = fresh;
    long agreed = negotiate(fresh, driver.features(), protocol);
    if (agreed != driver.features()) {
      throw new IOException(
          "the new backend agrees to features 0x%x, the old one to 0x%x"
              .formatted(agreed, driver.features()));
    }
    giveInflight();
    startRings(rx.ring().baseAfterLoss(rxBase), tx.ring().baseAfterLoss(txBase), true);
  }

  /** The VMM's end of the session, for tests that do more with it. */
  public VhostUserFrontend frontend() {
    return frontend;
  }

  public VirtioNetDriver driver() {
    return driver;
  }

  /** The eventfd on which the driver kicks a ring. */
  public int kickFd(int ring) {
    return kicks[ring];
  }

  /** The eventfd on which the backend calls for a ring. */
  public int callFd(int ring) {
    return calls[ring];
  }

  /** Kicks written so far. */
  public long kickCount() {
    return kickCount;
  }

  /** Times that {@link #await} slept and was called. */
  public long wakeCount() {
    return wakeCount;
  }

  @Override
  public int send(FrameTemplate template, long sequence, int count) {
    int sent = tx.send(template, sequence, count);
    if (sent > 0 && tx.publish()) {
      kick(txKick);
    }
    return sent;
  }

  /** As {@link #send}, but the device gets to see the frames with {@link #publish} only. */
  public int offer(FrameTemplate template, long sequence, int count) {
    return tx.send(template, sequence, count);
  }

  /** Shows the device all that was offered. */
  public void publish() {
    if (tx.publish()) {
      kick(txKick);
    }
  }

  @Override
  public int receive(FrameCheck check, int limit) {
    int received = rx.receive(check, limit);
    if ((received > 0 || rx.hasHidden()) && rx.publish()) {
      kick(rxKick);
    }
    return received;
  }

  private void kick(int fd) {
    kickCount++;
    long _ = EventFd.signal(fd);
  }

  /** Sends any frame with an empty virtio-net header. False if there is no room. Cold. */
  public boolean sendFrame(byte[] frame) {
    byte[] bytes = new byte[VirtioNet.HEADER_SIZE + frame.length];
    System.arraycopy(frame, 0, bytes, VirtioNet.HEADER_SIZE, frame.length);
    return sendBytes(bytes);
  }

  /** Sends any bytes: the virtio-net header, then the frame. False if there is no room. Cold. */
  public boolean sendBytes(byte[] headerAndFrame) {
    if (!tx.send(headerAndFrame)) {
      return false;
    }
    if (tx.publish()) {
      kick(txKick);
    }
    return true;
  }

  /** The next frame, its virtio-net header first, or null if none came in time. Cold. */
  public byte[] receiveBytes(long timeoutNanos) {
    long end = System.nanoTime() + timeoutNanos;
    while (true) {
      byte[] bytes = rx.receive();
      if (bytes != null) {
        if (rx.publish()) {
          kick(rxKick);
        }
        return bytes;
      }
      long left = end - System.nanoTime();
      if (left <= 0) {
        return null;
      }
      await(left);
    }
  }

  @Override
  public void await(long timeoutNanos) {
    boolean waitForRoom = tx.room() == 0;
    if (waitForRoom) {
      // Without this, entries not yet looked at would keep the ring from ever being armed.
      tx.reclaim();
      if (tx.room() > 0) {
        return;
      }
    }
    if (!rx.ring().arm()) {
      return;
    }
    if (!waitForRoom || tx.ring().arm()) {
      if (called == null) {
        called = watchCalls();
      }
      int count = called.await(timeoutNanos);
      for (int i = 0; i < count; i++) {
        EventFd.drain(calls[(int) called.data(i)]);
        wakeCount++;
      }
    }
    rx.ring().quiet();
    if (waitForRoom) {
      tx.ring().quiet();
    }
  }

  private Epoll watchCalls() {
    try {
      Epoll epoll = new Epoll();
      for (int ring = 0; ring < RINGS; ring++) {
        epoll.add(calls[ring], Epoll.IN, ring);
      }
      return epoll;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public int capacity(int length) {
    return Math.min(rx.capacity(length), tx.slots());
  }

  @Override
  public void close() {
    frontend.close();
    if (inflight != null) {
      FileDescriptors.close(inflight.fds()[0]);
    }
    if (called != null) {
      called.close();
    }
    for (int ring = 0; ring < RINGS; ring++) {
      FileDescriptors.close(kicks[ring]);
      FileDescriptors.close(calls[ring]);
      kicks[ring] = -1;
      calls[ring] = -1;
    }
    driver.close();
  }
}
