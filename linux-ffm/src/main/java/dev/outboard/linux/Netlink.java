package dev.outboard.linux;

import static dev.outboard.linux.Native.INT;
import static dev.outboard.linux.Native.LONG;
import static dev.outboard.linux.Native.POINTER;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * One rtnetlink conversation with the kernel, in the network namespace of the thread that made it.
 * Private to the package; used by that thread and closed. Not kept open: a kept one would go on to
 * speak to the namespace of the thread that made it, whoever asks.
 */
final class Netlink implements AutoCloseable {
  private static final int AF_NETLINK = 16;
  private static final int SOCK_RAW = 3;
  private static final int SOCK_CLOEXEC = 0x80000;
  private static final int NETLINK_ROUTE = 0;
  private static final int ANSWER_SIZE = 64 << 10;
  private static final int ERROR = 2;
  private static final int DONE = 3;

  private static final MethodHandle SOCKET = Native.bind("socket", INT, INT, INT, INT);
  private static final MethodHandle SEND =
      Native.bind("sendto", LONG, INT, POINTER, LONG, INT, POINTER, INT);

  private final Arena arena = Arena.ofConfined();
  private final MemorySegment answer;
  private final int fd;

  Netlink() throws LinuxException {
    MemorySegment state = Native.callState();
    int result;
    try {
      result =
          Native.check(
              (int) SOCKET.invokeExact(state, AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE),
              state);
    } catch (Throwable thrown) {
      throw Native.unexpected(thrown);
    }
    fd = LinuxException.check(result, "open a netlink socket");
    answer = arena.allocate(ANSWER_SIZE, Long.BYTES);
  }

  /** An empty request. */
  LinkMessage message() {
    return new LinkMessage(arena, 1024);
  }

  /** Sends acknowledged requests; 0, or the negated number of the first error. */
  int request(LinkMessage request) {
    long result = send(request);
    int open = request.count();
    while (result >= 0 && open > 0) {
      long received = Io.read(fd, answer.address(), ANSWER_SIZE);
      if (received <= 0) {
        return received == 0 ? -Errno.EIO : (int) received;
      }
      for (long at = 0; at + LinkMessage.HEADER_SIZE <= received; at += sizeAt(at)) {
        if (typeAt(at) == ERROR) {
          open--;
          int error = answer.get(INT, at + LinkMessage.HEADER_SIZE);
          result = result < 0 ? result : error;
        }
      }
    }
    return (int) result;
  }

  /** Asks for devices; adds them to the list, or returns the negated error number. */
  int query(LinkMessage request, List<Link> into) {
    return query(request, (MemorySegment message) -> into.add(LinkMessage.read(message)));
  }

  /** Asks, and shows each message of the answer; 0, or the negated error number. */
  int query(LinkMessage request, Consumer<MemorySegment> each) {
    long result = send(request);
    while (result >= 0) {
      result = Io.read(fd, answer.address(), ANSWER_SIZE);
      for (long at = 0; at + LinkMessage.HEADER_SIZE <= result; at += sizeAt(at)) {
        switch (typeAt(at)) {
          case ERROR -> {
            return answer.get(INT, at + LinkMessage.HEADER_SIZE);
          }
          case DONE -> {
            return 0;
          }
          default -> each.accept(answer.asSlice(at, sizeAt(at)));
        }
      }
    }
    return (int) result;
  }

  /** All devices of a kind, or of every kind if it is empty. */
  List<Link> dump(String kind, int master) throws LinuxException {
    LinkMessage request =
        message().begin(LinkMessage.GET_LINK, LinkMessage.REQUEST | LinkMessage.DUMP, 0);
    if (master != 0) {
      request.put(LinkMessage.MASTER, master);
    }
    if (!kind.isEmpty()) {
      int info = request.openAttribute(LinkMessage.INFO);
      request.put(LinkMessage.INFO_KIND, kind).closeAttribute(info);
    }
    List<Link> all = new ArrayList<>();
    LinuxException.check(query(request, all), "list network devices");
    // The kernel's own filters are a hint that old ones ignore.
    all.removeIf(link -> !kind.isEmpty() && !link.kind().equals(kind));
    all.removeIf(link -> master != 0 && link.master() != master);
    return all;
  }

  private long send(LinkMessage request) {
    MemorySegment bytes = request.finished();
    MemorySegment state = Native.callState();
    try {
      return Native.check(
          (long) SEND.invokeExact(state, fd, bytes.address(), bytes.byteSize(), 0, 0L, 0), state);
    } catch (Throwable thrown) {
      throw Native.unexpected(thrown);
    }
  }

  private long sizeAt(long at) {
    long size = Integer.toUnsignedLong(answer.get(INT, at));
    if (size < LinkMessage.HEADER_SIZE || at + size > ANSWER_SIZE) {
      throw new IllegalStateException("malformed netlink answer");
    }
    return (size + 3) & ~3L;
  }

  private int typeAt(long at) {
    return answer.get(ValueLayout.JAVA_SHORT, at + 4);
  }

  @Override
  public void close() {
    FileDescriptors.close(fd);
    arena.close();
  }
}
