package dev.outboard.engine.vhostuser;

import dev.outboard.engine.handover.InflightState;
import dev.outboard.engine.virtqueue.InflightQueue;
import dev.outboard.engine.virtqueue.VirtioNet;
import dev.outboard.linux.FileDescriptors;
import dev.outboard.linux.Mapping;
import dev.outboard.linux.MemoryFile;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The file that a front-end keeps for us, so that the next back-end knows what was in flight
 * (GET_INFLIGHT_FD, SET_INFLIGHT_FD). The control thread.
 *
 * <pre>
 *   0 size of the mapping, 8 its offset in the file, 16 number of queues, 18 size of a queue
 * </pre>
 */
final class InflightFile implements AutoCloseable {
  /** Some front-ends send the padding at the end of the C structure, some do not. */
  static final int SMALLEST_MESSAGE = 20;

  static final int LARGEST_MESSAGE = 24;
  private static final int MAX_RING = 32768;

  private final Arena arena = Arena.ofShared();
  private final int fd;
  private final long offset;
  private final int queues;
  private final int queueSize;
  private final MemorySegment memory;

  /** The file of a SET_INFLIGHT_FD; the fd is taken over also when it is refused. */
  static InflightFile accept(MessageSocket socket, Device device) throws ProtocolException {
    if (device.has(VirtioNet.RING_PACKED)) {
      throw new ProtocolException("an in-flight file for packed rings, which is not served");
    }
    checkSize(socket);
    if (socket.fds().count() != 1) {
      throw new ProtocolException("SET_INFLIGHT_FD without a file");
    }
    int queues = queues(socket, device.rings.length);
    int queueSize = queueSize(socket);
    long size = socket.u64(0);
    long offset = socket.u64(8);
    if (size < queues * InflightQueue.bytes(queueSize)
        || offset < 0
        || offset % Mapping.pageSize() != 0
        || offset + size < 0) {
      throw new ProtocolException("an in-flight file with an impossible size or offset");
    }
    return new InflightFile(socket.fds().take(0), offset, queues, queueSize);
  }

  private InflightFile(int fd, long offset, int queues, int queueSize) throws ProtocolException {
    this.fd = fd;
    this.offset = offset;
    this.queues = queues;
    this.queueSize = queueSize;
    long bytes = queues * InflightQueue.bytes(queueSize);
    try {
      if (!MemoryFile.isMemoryBacked(fd) || MemoryFile.isHuge(fd)) {
        throw new ProtocolException("the in-flight file is not in memory");
      }
      MemoryFile.sealShrink(fd);
      if (MemoryFile.size(fd) < offset + bytes) {
        throw new ProtocolException("the in-flight file is smaller than its queues");
      }
      memory = Mapping.map(fd, offset, bytes, arena);
    } catch (IOException e) {
      close();
      throw new ProtocolException(e.getMessage());
    } catch (ProtocolException e) {
      close();
      throw e;
    }
  }

  /**
   * Makes the file that a GET_INFLIGHT_FD asks for, and puts the answer together.
   *
   * @return its fd, for the caller to send and close
   */
  static int create(MessageSocket socket, int maxQueues) throws ProtocolException {
    checkSize(socket);
    int queues = queues(socket, maxQueues);
    int queueSize = queueSize(socket);
    long page = Mapping.pageSize();
    long bytes = (queues * InflightQueue.bytes(queueSize) + page - 1) / page * page;
    try {
      int fd = MemoryFile.create("outboard-inflight", bytes);
      MemoryFile.sealShrink(fd);
      MemorySegment reply = socket.reply();
      reply.fill((byte) 0);
      reply.set(ValueLayout.JAVA_LONG_UNALIGNED, 0, bytes);
      reply.set(ValueLayout.JAVA_SHORT_UNALIGNED, 16, (short) queues);
      reply.set(ValueLayout.JAVA_SHORT_UNALIGNED, 18, (short) queueSize);
      return fd;
    } catch (IOException e) {
      throw new ProtocolException(e.getMessage());
    }
  }

  private static void checkSize(MessageSocket socket) throws ProtocolException {
    if (socket.size() < SMALLEST_MESSAGE || socket.size() > LARGEST_MESSAGE) {
      throw new ProtocolException("an in-flight message with " + socket.size() + " bytes");
    }
  }

  private static int queues(MessageSocket socket, int maxQueues) throws ProtocolException {
    int queues = socket.u32(16) & 0xffff;
    if (queues == 0 || queues > maxQueues) {
      throw new ProtocolException("an in-flight file for " + queues + " queues");
    }
    return queues;
  }

  private static int queueSize(MessageSocket socket) throws ProtocolException {
    int size = socket.u32(16) >>> 16;
    if (size == 0 || size > MAX_RING || Integer.bitCount(size) != 1) {
      throw new ProtocolException("an in-flight file for queues of " + size);
    }
    return size;
  }

  /** What another process had accepted; the fd is taken over in any case. */
  static InflightFile restore(InflightState state) throws ProtocolException {
    return new InflightFile(state.file(), state.offset(), state.queues(), state.queueSize());
  }

  /** All of it, for the next process. */
  InflightState state() {
    return new InflightState(fd, offset, queues, queueSize);
  }

  /** The part of a ring, or null if the file was made for fewer. */
  InflightQueue queue(int index) {
    long bytes = InflightQueue.bytes(queueSize);
    return (index + 1) * bytes > memory.byteSize()
        ? null
        : new InflightQueue(memory.asSlice(index * bytes, bytes));
  }

  @Override
  public void close() {
    arena.close();
    FileDescriptors.closeForeign(fd);
  }
}
