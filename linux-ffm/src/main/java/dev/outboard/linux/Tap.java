package dev.outboard.linux;

import static dev.outboard.linux.Native.INT;
import static dev.outboard.linux.Native.LONG;
import static dev.outboard.linux.Native.POINTER;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * TAP devices: Ethernet ports of the host's kernel whose other end is a descriptor of ours, with a
 * 12-byte virtio-net header in front of each frame. Made in the calling thread's network namespace;
 * they vanish when their descriptor is closed. Cold; any thread.
 */
public final class Tap {
  /** Reads may bring frames whose checksum is still to be filled in. */
  public static final int TUN_F_CSUM = 0x01;

  /** Reads may bring TCP over IPv4 frames longer than the MTU. */
  public static final int TUN_F_TSO4 = 0x02;

  /** Reads may bring TCP over IPv6 frames longer than the MTU. */
  public static final int TUN_F_TSO6 = 0x04;

  /** The same, of flows that use explicit congestion notification. */
  public static final int TUN_F_TSO_ECN = 0x08;

  /** Reads may bring UDP over IPv4 bundles. */
  public static final int TUN_F_USO4 = 0x20;

  /** Reads may bring UDP over IPv6 bundles. */
  public static final int TUN_F_USO6 = 0x40;

  /** What is in front of each frame: as virtio 1.x, with the number of buffers. */
  public static final int HEADER_SIZE = 12;

  /** The longest name of a network device, in bytes. */
  public static final int LONGEST_NAME = 15;

  private static final String CLONE_DEVICE = "/dev/net/tun";
  private static final int O_RDWR = 2;
  private static final int IFF_TAP = 0x0002;
  private static final int IFF_NO_PI = 0x1000;
  private static final int IFF_VNET_HDR = 0x4000;
  private static final int IFF_TUN_EXCL = 0x8000;
  private static final long TUNSETIFF = 0x400454caL;
  private static final long TUNSETOFFLOAD = 0x400454d0L;
  private static final long TUNGETIFF = 0x800454d2L;
  private static final long TUNSETVNETHDRSZ = 0x400454d8L;

  /** {@code struct ifreq}: the name at 0, flags at 16. */
  private static final int IFREQ_SIZE = 40;

  private static final int FLAGS_OFFSET = 16;

  private static final MethodHandle IOCTL =
      Native.bindVariadic("ioctl", 2, INT, INT, LONG, POINTER);

  private Tap() {}

  /**
   * Opens the TAP of this name, and makes it if there is none: non-blocking, close-on-exec, without
   * offloads, down. The caller closes the descriptor. EBUSY: somebody else holds it.
   */
  public static int open(String name) throws LinuxException {
    return open(name, 0);
  }

  /** As {@link #open}, but a device of that name, whosever it is, is an error (EBUSY). */
  public static int create(String name) throws LinuxException {
    return open(name, IFF_TUN_EXCL);
  }

  private static int open(String name, int moreFlags) throws LinuxException {
    if (name.isEmpty() || name.length() > LONGEST_NAME) {
      throw new LinuxException("open TAP '" + name + "'", Errno.EINVAL);
    }
    int fd = FileDescriptors.open(CLONE_DEVICE, O_RDWR | FileDescriptors.O_NONBLOCK);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment request = arena.allocate(IFREQ_SIZE, Long.BYTES);
      request.setString(0, name);
      int flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR | moreFlags;
      request.set(ValueLayout.JAVA_SHORT, FLAGS_OFFSET, (short) flags);
      LinuxException.check(ioctl(fd, TUNSETIFF, request.address()), "open TAP " + name);
      setHeaderSize(fd, HEADER_SIZE);
      setOffload(fd, 0);
      return fd;
    } catch (LinuxException e) {
      FileDescriptors.close(fd);
      throw e;
    }
  }

  /** Sets the size of what is in front of each frame, both ways: 10 or 12 bytes. */
  public static void setHeaderSize(int fd, int bytes) throws LinuxException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment size = arena.allocateFrom(INT, bytes);
      LinuxException.check(
          ioctl(fd, TUNSETVNETHDRSZ, size.address()), "set header size " + bytes + " of TAP");
    }
  }

  /** Says which unfinished frames reads may bring: a set of {@code TUN_F_} bits. */
  public static void setOffload(int fd, int flags) throws LinuxException {
    LinuxException.check(
        ioctl(fd, TUNSETOFFLOAD, flags),
        "set offloads 0x" + Integer.toHexString(flags) + " of TAP");
  }

  /** The device's name, which may have been changed since; EBADFD if the device is gone. */
  public static String nameOf(int fd) throws LinuxException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment request = arena.allocate(IFREQ_SIZE, Long.BYTES);
      LinuxException.check(ioctl(fd, TUNGETIFF, request.address()), "name of the TAP");
      return request.getString(0);
    }
  }

  private static int ioctl(int fd, long request, long argument) {
    MemorySegment state = Native.callState();
    try {
      return Native.check((int) IOCTL.invokeExact(state, fd, request, argument), state);
    } catch (Throwable thrown) {
      throw Native.unexpected(thrown);
    }
  }
}
