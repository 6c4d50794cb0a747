package dev.outboard.integration.figures;

/**
 * What is measured in one go. Immutable.
 *
 * @param figure of the paper: 2, 3 or 4
 * @param name what users see
 * @param words what the load's processes are told
 * @param stream whether frames flow one way, so that throughput is the figure
 */
record FigureLoad(int figure, String name, String words, boolean stream) {
  /** The figure of latency and messages against the number of VMs. */
  static final int MANY = 3;

  /** The figure of message sizes. */
  static final int SIZES = 4;

  /** Datagrams that fill a frame, one way; a short answer for each eight. */
  static final FigureLoad THROUGHPUT =
      new FigureLoad(2, "1518-byte frames", "size=1472 answer=18 window=32 every=8", true);

  /** A closed loop: a message leaves when the last one's answer has come. */
  static final FigureLoad LATENCY = new FigureLoad(MANY, "64-byte frames", "size=18", false);

  /** A message of this size, there and back: from 1473 bytes on it takes two frames. */
  static FigureLoad message(int bytes) {
    return new FigureLoad(SIZES, bytes + " bytes", "size=" + bytes, false);
  }

  /** The same by TCP, in one super-frame or cut by the guest. */
  static FigureLoad segment(int bytes, boolean offload) {
    String how = offload ? ", segmentation offload" : ", no segmentation offload";
    int parts = offload ? 1 : 2;
    return new FigureLoad(
        SIZES, bytes + " bytes TCP" + how, "kind=tcp size=" + bytes + " parts=" + parts, false);
  }

  /**
   * Whether a frame may be cut on the way, and come as one or as two, as its parts came together or
   * not: then frames that came can't be counted against those that were sent.
   */
  boolean mayComeInParts() {
    return words.endsWith(" parts=1");
  }

  /** Whether only microVMs can do that: there is no TCP in the processes of the hosts' ends. */
  boolean needsGuests() {
    return words.startsWith("kind=tcp");
  }
}
