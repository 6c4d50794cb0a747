package dev.outboard.integration.handover;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.outboard.integration.wire.Json;
import dev.outboard.linux.Epoll;
import dev.outboard.linux.FileDescriptors;
import dev.outboard.linux.LinuxException;
import dev.outboard.linux.ReceivedFds;
import dev.outboard.linux.UnixSocket;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * Carries messages and file descriptors between two daemons. Every wait has an end. One thread.
 *
 * <pre>
 *   message       4 bytes length, then JSON
 *   descriptors   one byte for each bundle of them
 * </pre>
 */
final class HandoverChannel implements AutoCloseable {
  /** The kernel takes at most 253 with one message. */
  private static final int BUNDLE = 200;

  /** 10,000 guests with several queues each. */
  private static final int LARGEST = 256 << 20;

  private final int fd;
  private final Epoll readable;

  /** Takes a connected socket over. */
  HandoverChannel(int fd) throws LinuxException {
    this.fd = fd;
    FileDescriptors.setBlocking(fd);
    readable = new Epoll();
    readable.add(fd, Epoll.IN | Epoll.RDHUP, 0);
  }

  void send(HandoverMessage message) throws IOException {
    byte[] text = Json.api().writeValueAsBytes(message);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment bytes = arena.allocate(4L + text.length);
      bytes.set(ValueLayout.JAVA_INT_UNALIGNED, 0, text.length);
      MemorySegment.copy(text, 0, bytes, ValueLayout.JAVA_BYTE, 4, text.length);
      for (long done = 0; done < bytes.byteSize(); ) {
        done += sendSome(bytes.asSlice(done), new int[0], 0, 0);
      }
    }
  }

  void sendFiles(int[] files) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment one = arena.allocate(1);
      for (int from = 0; from < files.length; from += BUNDLE) {
        sendSome(one, files, from, Math.min(BUNDLE, files.length - from));
      }
    }
  }

  private long sendSome(MemorySegment bytes, int[] files, int from, int count) throws IOException {
    int[] bundle = new int[count];
    System.arraycopy(files, from, bundle, 0, count);
    long sent = UnixSocket.sendWithFds(fd, bytes.address(), bytes.byteSize(), bundle, count);
    if (sent <= 0) {
      throw new LinuxException("send to the other daemon", (int) -sent);
    }
    return sent;
  }

  /**
   * The next message.
   *
   * @param step which it must be
   */
  HandoverMessage receive(HandoverMessage.Step step, Duration patience) throws IOException {
    long deadline = System.nanoTime() + patience.toNanos();
    int length = receive(4, deadline).get(ValueLayout.JAVA_INT_UNALIGNED, 0);
    if (length <= 0 || length > LARGEST) {
      throw new IOException("the other daemon sends a message of " + length + " bytes");
    }
    byte[] text = receive(length, deadline).toArray(ValueLayout.JAVA_BYTE);
    HandoverMessage message;
    try {
      message = Json.api().readValue(text, HandoverMessage.class);
    } catch (JsonProcessingException e) {
      String what = new String(text, 0, Math.min(80, length), StandardCharsets.UTF_8);
      throw new IOException("the other daemon says something unknown: " + what, e);
    }
    if (message.step() == HandoverMessage.Step.REFUSED) {
      throw new IOException(message.refusal());
    }
    if (message.step() != step) {
      throw new IOException("the other daemon says " + message.step() + ", not " + step);
    }
    return message;
  }

  private MemorySegment receive(int length, long deadline) throws IOException {
    MemorySegment bytes = Arena.ofAuto().allocate(length, Long.BYTES);
    ReceivedFds none = new ReceivedFds(0);
    for (long done = 0; done < length; ) {
      done += receiveSome(bytes.asSlice(done), none, deadline);
    }
    return bytes;
  }

  /** As many descriptors as were announced; the caller closes them. */
  int[] receiveFiles(int count, Duration patience) throws IOException {
    long deadline = System.nanoTime() + patience.toNanos();
    int[] files = new int[count];
    ReceivedFds bundle = new ReceivedFds(BUNDLE);
    int done = 0;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment one = arena.allocate(1);
      while (done < count) {
        receiveSome(one, bundle, deadline);
        if (!bundle.isComplete() || bundle.count() == 0 || bundle.count() > count - done) {
          throw new IOException("file descriptors of the other daemon did not arrive");
        }
        for (int i = 0; i < bundle.count(); i++) {
          files[done++] = bundle.take(i);
        }
      }
      return files;
    } finally {
      bundle.closeAll();
    }
  }

  private long receiveSome(MemorySegment into, ReceivedFds files, long deadline)
      throws IOException {
    if (readable.await(Math.max(0, deadline - System.nanoTime())) <= 0) {
      throw new IOException("the other daemon is silent");
    }
    long got = UnixSocket.receiveWithFds(fd, into.address(), into.byteSize(), files);
    if (got == 0) {
      throw new IOException("the other daemon has closed the connection");
    }
    if (got < 0) {
      throw new LinuxException("receive from the other daemon", (int) -got);
    }
    return got;
  }

  /** Waits until the other side has gone. */
  void awaitEnd(Duration patience) throws IOException {
    long deadline = System.nanoTime() + patience.toNanos();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment one = arena.allocate(1);
      ReceivedFds none = new ReceivedFds(0);
      long got = 1;
      while (got > 0) {
        if (readable.await(Math.max(0, deadline - System.nanoTime())) <= 0) {
          throw new IOException("the other daemon does not end");
        }
        got = UnixSocket.receiveWithFds(fd, one.address(), 1, none);
      }
    }
  }

  @Override
  public void close() {
    readable.close();
    FileDescriptors.close(fd);
  }
}
