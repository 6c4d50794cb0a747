package dev.outboard.guest;

/**
 * The device has written something into a virtqueue that no device may write. The guest can't go
 * on; in a test this is a failure of the device. Thrown on the guest's thread.
 */
public final class BrokenDeviceException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  BrokenDeviceException(String message) {
    super(message);
  }
}
