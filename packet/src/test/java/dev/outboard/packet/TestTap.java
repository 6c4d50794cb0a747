package dev.outboard.packet;

import dev.outboard.linux.Epoll;
import dev.outboard.linux.Errno;
import dev.outboard.linux.FileDescriptors;
import dev.outboard.linux.Io;
import dev.outboard.linux.Links;
import dev.outboard.linux.LinuxException;
import dev.outboard.linux.Tap;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** A TAP of the kernel's, frame by frame with their offload fields; made where it shall belong. */
final class TestTap implements AutoCloseable {
  private static final int LONGEST = Tap.HEADER_SIZE + 14 + 65_536;

  /** What a read has brought. */
  static final class Frame {
    final byte[] bytes;
    final long offload;
    final int checksumOffset;

    Frame(byte[] bytes, long offload, int checksumOffset) {
      this.bytes = bytes;
      this.offload = offload;
      this.checksumOffset = checksumOffset;
    }
  }

  final int fd;
  final String name;
  private final MemorySegment buffer = Arena.ofAuto().allocate(LONGEST, Long.BYTES);
  private final Epoll readable;

  TestTap(String name, int mtu, int offloads) throws LinuxException {
    this.name = name;
    fd = Tap.create(name);
    Tap.setOffload(fd, offloads);
    Links.setMtu(name, mtu);
    readable = new Epoll();
    readable.add(fd, Epoll.IN, 0);
  }

  /** Gives the kernel a frame; it must take it. */
  void write(byte[] frame, long offload, int checksumOffset) {
    buffer.set(ValueLayout.JAVA_LONG, 0, offload);
    buffer.set(ValueLayout.JAVA_INT, Long.BYTES, checksumOffset);
    MemorySegment.copy(frame, 0, buffer, ValueLayout.JAVA_BYTE, Tap.HEADER_SIZE, frame.length);
    int size = Tap.HEADER_SIZE + frame.length;
    long written = Io.write(fd, buffer.address(), size);
    if (written != size) {
      throw new AssertionError(
          "write of " + frame.length + " bytes to " + name + ": " + Errno.name((int) -written));
    }
  }

  /** The next frame, or null if there is none within that time. */
  Frame read(long timeoutNanos) {
    long length = Io.read(fd, buffer.address(), LONGEST);
    if (length == -Errno.EAGAIN && timeoutNanos > 0) {
      int _ = readable.await(timeoutNanos);
      return read(0);
    }
    if (length < Tap.HEADER_SIZE) {
      return null;
    }
    byte[] frame =
        buffer.asSlice(Tap.HEADER_SIZE, length - Tap.HEADER_SIZE).toArray(ValueLayout.JAVA_BYTE);
    // The kernel may say that it knows the checksum to be right, too; that asks for nothing.
    long offload = buffer.get(ValueLayout.JAVA_LONG, 0);
    boolean plain = (offload & 1) == 0;
    int checksumOffset = buffer.get(ValueLayout.JAVA_SHORT, Long.BYTES) & 0xffff;
    return new Frame(frame, plain ? 0 : offload & ~0xfeL, plain ? 0 : checksumOffset);
  }

  @Override
  public void close() {
    readable.close();
    FileDescriptors.close(fd);
  }
}
