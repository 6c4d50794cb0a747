/**
 * The {@code dpdk} transport: guests' frames by a device that DPDK drives from user space, past the
 * kernel. {@link dev.outboard.transport.dpdk.DpdkProvider} is what the sidecar finds; {@code
 * docs/dpdk.md} is for users.
 *
 * <p>Theory of operation. An uplink has one device. Its receive queues are shared out among the
 * workers that have a port, each polled by one at a time ({@code QueueShare}); each worker sends by
 * one transmit queue. Sending copies a frame once, into a packet of the worker's own ({@code
 * PacketRing}); receiving copies nothing: a frame stays in the device's packet until it is
 * released.
 */
package dev.outboard.transport.dpdk;
