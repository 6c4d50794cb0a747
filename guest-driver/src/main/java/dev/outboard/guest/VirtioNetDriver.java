package dev.outboard.guest;

import dev.outboard.linux.LinuxException;

/**
 * The driver of one virtio network card with one queue pair: memory, both queues, and the way of
 * bursts through them. Who rings the device's bell is the caller's business: {@link VhostUserGuest}
 * writes an eventfd, a VMM with a TAP runs the device itself. One thread, the guest's.
 */
public final class VirtioNetDriver implements AutoCloseable {
  /** Ring numbers in the virtio specification. */
  public static final int RX = 0;

  public static final int TX = 1;

  private final GuestMemory memory;
  private final RxQueue rx;
  private final TxQueue tx;
  private final long features;

  /** Builds the guest's memory and queues; all receive buffers are offered and published. */
  public VirtioNetDriver(String name, GuestOptions options, long features) throws LinuxException {
    this.features = features;
    int size = options.queueSize();
    long rings = 2 * DriverRing.bytes(size);
    long txBytes = TxQueue.bytes(size, options.txShape(), options.txBuffer(), options.txSlots());
    long buffers = page(txBytes) + page(RxQueue.bytes(size, options.rxShape(), options.rxBuffer()));
    boolean apart = options.memory().regions() > 1;
    memory =
        apart
            ? new GuestMemory(name, options.memory(), rings, buffers)
            : new GuestMemory(name, options.memory(), rings + buffers);
    boolean mergeable = (features & VirtioNet.MRG_RXBUF) != 0;
    int last = apart ? 1 : 0;
    tx =
        new TxQueue(
            DriverRing.create(memory.allocate(0, DriverRing.bytes(size)), size, features),
            memory.allocate(last, txBytes),
            options.txShape(),
            options.txBuffer(),
            options.txSlots());
    rx =
        new RxQueue(
            DriverRing.create(memory.allocate(0, DriverRing.bytes(size)), size, features),
            memory.allocate(last, RxQueue.bytes(size, options.rxShape(), options.rxBuffer())),
            options.rxShape(),
            options.rxBuffer(),
            mergeable);
    boolean _ = rx.publish();
  }

  private static long page(long bytes) {
    return (bytes + 4095) & -4096;
  }

  public GuestMemory memory() {
    return memory;
  }

  public RxQueue rx() {
    return rx;
  }

  public TxQueue tx() {
    return tx;
  }

  /**
   * Buffers of both queues that the device has lost. For a device that completes in order, once no
   * frame is under way and more have come in than the receive queue has buffers.
   */
  public int missingBuffers() {
    return tx.missing() + rx.missing();
  }

  /** The virtio features agreed. */
  public long features() {
    return features;
  }

  /** The ring with this number. */
  public DriverRing ring(int number) {
    return number == RX ? rx.ring() : tx.ring();
  }

  @Override
  public void close() {
    memory.close();
  }
}
