package dev.outboard.transport.dpdk.ffi;

/**
 * What a device has counted since it was started.
 *
 * @param received frames
 * @param sent frames
 * @param missed frames for which there was no room in a queue
 * @param receiveErrors frames that were broken
 * @param sendErrors frames that could not be sent
 * @param withoutBuffer how often there was no packet to receive into
 */
public record DeviceStatistics(
    long received,
    long sent,
    long missed,
    long receiveErrors,
    long sendErrors,
    long withoutBuffer) {}
