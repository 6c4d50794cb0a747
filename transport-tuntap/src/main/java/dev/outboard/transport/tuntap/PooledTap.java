package dev.outboard.transport.tuntap;

import dev.outboard.linux.Errno;
import dev.outboard.linux.FileDescriptors;
import dev.outboard.linux.GuestPorts;
import dev.outboard.linux.Io;
import dev.outboard.linux.Links;
import dev.outboard.linux.LinuxException;
import dev.outboard.linux.Tap;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * A TAP that one guest after another may use. Owned by the pool, or by one port.
 *
 * @param name the device's name
 * @param fd our end of it
 * @param index the kernel's number for it
 */
record PooledTap(String name, int fd, int index) {
  private static final int NAME_ATTEMPTS = 100;

  /** More than a TAP's queue holds. */
  private static final int MOST_QUEUED = 4096;

  private static final int SCRAP_BYTES = 64;

  /** Makes a TAP: down, in no bridge, without offloads, and the host's stack off it. */
  static PooledTap create(Owner owner) throws LinuxException {
    String name = Names.nextTap(owner);
    int fd = create(name, owner);
    try {
      name = Tap.nameOf(fd);
      Links.disableIpv6(name);
      return new PooledTap(name, fd, Links.index(name));
    } catch (LinuxException e) {
      FileDescriptors.close(fd);
      throw e;
    }
  }

  private static int create(String firstName, Owner owner) throws LinuxException {
    String name = firstName;
    for (int attempt = 1; ; attempt++) {
      try {
        return Tap.create(name);
      } catch (LinuxException e) {
        // A sidecar in another container may have our pid, and so our names.
        if (e.errno() != Errno.EBUSY || attempt == NAME_ATTEMPTS) {
          throw e;
        }
        name = Names.nextTap(owner);
      }
    }
  }

  /**
   * Removes every trace of the guest that had it, so that the next one reads none of its frames.
   * First it is set down and taken out of its bridge: from then on no frame is added.
   */
  void wipe() throws LinuxException {
    GuestPorts.detach(index);
    drain(fd);
    Tap.setOffload(fd, 0);
    Tap.setHeaderSize(fd, Tap.HEADER_SIZE);
  }

  /** Throws away what is queued; returns how many frames that was. */
  static int drain(int fd) {
    try (Arena arena = Arena.ofConfined()) {
      // A frame that does not fit is cut off: the queue loses it all the same.
      MemorySegment scrap = arena.allocate(SCRAP_BYTES, Long.BYTES);
      int frames = 0;
      while (frames < MOST_QUEUED && Io.read(fd, scrap.address(), SCRAP_BYTES) > 0) {
        frames++;
      }
      return frames;
    }
  }

  void close() {
    FileDescriptors.close(fd);
  }
}
