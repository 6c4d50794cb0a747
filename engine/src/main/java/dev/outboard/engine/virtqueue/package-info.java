/**
 * The device side of virtio-net queues in guest memory (virtio 1.2, sections 2.7, 2.8 and 5.1).
 *
 * <p>Theory of operation. Everything in guest memory is hostile and may change at any moment, so
 * each word is read once into a local, checked, and only the local is used. What a driver may do
 * wrong comes in two sizes: a bad chain costs the driver that chain (it is completed with length 0
 * and counted), a bad ring ({@link dev.outboard.engine.virtqueue.Virtqueue#broken}) ends its
 * session.
 *
 * <p>Ordering, in a split ring; in a packed one the flags of a descriptor take the place of the
 * indexes. The driver publishes with {@code avail.idx}, which is read with acquire; we publish with
 * {@code used.idx}, stored with release, once per burst. Two places need a full fence, because a
 * store must be seen before a load of another location: after {@code used.idx} before reading
 * whether the driver wants a call, and after arming kicks before looking at {@code avail.idx}
 * again. Without them both sides can go to sleep waiting for each other, rarely.
 */
package dev.outboard.engine.virtqueue;
