package dev.outboard.guest;

/**
 * How a stand-in guest is built. Immutable; any thread.
 *
 * @param queueSize descriptors in each ring
 * @param features virtio features that the driver agrees to if the device offers them
 * @param txShape how transmit buffers are described
 * @param txBuffer bytes of a transmit buffer, header included
 * @param txSlots transmit buffers at most, a power of two
 * @param rxShape how receive buffers are described
 * @param rxBuffer bytes of a receive buffer, header included
 * @param memory what guest memory looks like
 * @param inflight whether the VMM keeps a file in which backends note what is in flight
 */
public record GuestOptions(
    int queueSize,
    long features,
    ChainShape txShape,
    int txBuffer,
    int txSlots,
    ChainShape rxShape,
    int rxBuffer,
    GuestMemory.Options memory,
    boolean inflight) {

  private static final int QUEUE_SIZE = 256;
  private static final int PLAIN_BUFFER = 2048;

  /** A header and a frame of 64 KiB, the longest there is. */
  public static final int SUPER_BUFFER = VirtioNet.HEADER_SIZE + 65536 + 64;

  /** Plain frames up to 1518 bytes, rings of 256, all features that Linux uses. */
  public static final GuestOptions DEFAULT =
      new GuestOptions(
          QUEUE_SIZE,
          VirtioNet.USUAL,
          ChainShape.SINGLE,
          PLAIN_BUFFER,
          Integer.MAX_VALUE,
          ChainShape.SINGLE,
          PLAIN_BUFFER,
          GuestMemory.Options.DEFAULT,
          false);

  /** The same with packed rings, where the device offers them. */
  public static final GuestOptions PACKED =
      DEFAULT.withFeatures(VirtioNet.USUAL | VirtioNet.RING_PACKED);

  public GuestOptions withQueueSize(int size) {
    return new GuestOptions(
        size, features, txShape, txBuffer, txSlots, rxShape, rxBuffer, memory, inflight);
  }

  public GuestOptions withFeatures(long agreed) {
    return new GuestOptions(
        queueSize, agreed, txShape, txBuffer, txSlots, rxShape, rxBuffer, memory, inflight);
  }

  public GuestOptions withTx(ChainShape shape, int buffer) {
    return new GuestOptions(
        queueSize, features, shape, buffer, txSlots, rxShape, rxBuffer, memory, inflight);
  }

  public GuestOptions withTxSlots(int slots) {
    return new GuestOptions(
        queueSize, features, txShape, txBuffer, slots, rxShape, rxBuffer, memory, inflight);
  }

  public GuestOptions withRx(ChainShape shape, int buffer) {
    return new GuestOptions(
        queueSize, features, txShape, txBuffer, txSlots, shape, buffer, memory, inflight);
  }

  public GuestOptions withMemory(GuestMemory.Options options) {
    return new GuestOptions(
        queueSize, features, txShape, txBuffer, txSlots, rxShape, rxBuffer, options, inflight);
  }

  /** The VMM asks the first backend for an in-flight file, and gives it to each that follows. */
  public GuestOptions withInflight() {
    return new GuestOptions(
        queueSize, features, txShape, txBuffer, txSlots, rxShape, rxBuffer, memory, true);
  }
}
