package dev.outboard.engine.virtqueue;

/**
 * What a worker reads descriptors into; nothing in it is good beyond the burst. One per worker,
 * used by its thread: so that guests, of whom there are many, have none of it.
 */
public final class Scratch {
  /** Of chains that are not just one buffer. */
  final DescriptorChain chain = new DescriptorChain();

  /** Of the burst that is taken from a guest. */
  final PrivateDescriptors taken = new PrivateDescriptors(TransmitQueue.BURST);

  /** Of the buffers that frames are delivered to, one each. */
  final PrivateDescriptors buffers = new PrivateDescriptors(TransmitQueue.BURST);

  /** What frames need of the buffers they are delivered to, or have of those they came in. */
  final int[] sizes = new int[TransmitQueue.BURST];

  /** Where the rests of a burst's frames lie, behind what was taken private. */
  final long[] rests = new long[TransmitQueue.BURST];

  /** The offload fields of a burst's frames, as they were checked. */
  final long[] offloads = new long[TransmitQueue.BURST];

  /** Of the buffers that one frame is spread over, or that a port fills itself. */
  final MergedBuffers merged = new MergedBuffers();

  /** Empty. */
  public Scratch() {}

  /** Whether what was read of this ring can be read, or written, at this moment; cold. */
  public boolean isAccessible(Virtqueue ring) {
    return chain.isAccessible(ring)
        && taken.isAccessible(ring)
        && buffers.isAccessible(ring)
        && merged.isAccessible(ring);
  }
}
