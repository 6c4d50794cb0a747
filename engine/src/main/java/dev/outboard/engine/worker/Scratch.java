package dev.outboard.engine.worker;

import dev.outboard.engine.virtqueue.DescriptorChain;
import dev.outboard.engine.virtqueue.PrivateDescriptors;
import dev.outboard.engine.virtqueue.TransmitQueue;
import dev.outboard.engine.virtqueue.Virtqueue;

/** What a worker reads descriptors into; nothing in it is good beyond the burst. One per worker. */
final class Scratch {
  /** Of chains that are not just one buffer. */
  final DescriptorChain chain = new DescriptorChain();

  /** Of the burst that is taken from a guest. */
  final PrivateDescriptors taken = new PrivateDescriptors(TransmitQueue.BURST);

  /** Of the buffers that frames are delivered to. */
  final PrivateDescriptors buffers = new PrivateDescriptors(TransmitQueue.BURST);

  /** Whether what was read of this ring can be read at this moment; cold. */
  boolean isAccessible(Virtqueue ring) {
    return chain.isAccessible(ring) && taken.isAccessible(ring) && buffers.isAccessible(ring);
  }
}
