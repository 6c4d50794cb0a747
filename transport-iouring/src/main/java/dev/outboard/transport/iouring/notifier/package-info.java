/**
 * The notifier {@code iouring}: one ring by which a worker waits for all its idle guests and calls
 * those that it has frames for. Its face is {@link
 * dev.outboard.transport.iouring.notifier.IoUringNotifierProvider}.
 */
package dev.outboard.transport.iouring.notifier;
