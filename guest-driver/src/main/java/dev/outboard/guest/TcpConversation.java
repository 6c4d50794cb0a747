package dev.outboard.guest;

import dev.outboard.guest.vhost.VhostUserFrontend;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Two stand-in guests that speak as much TCP as an onlooker needs: one sends a segment, the other
 * acknowledges it, and so on; what is not acknowledged in time is sent again. Each guest has a
 * thread of its own, which sleeps while there is nothing to do. Made and closed by one thread,
 * asked and told by any.
 *
 * <p>There is no handshake and no window: whoever looks at segments alone does not miss them. Only
 * the first guest sends payload, so round trips are seen of it alone.
 */
public final class TcpConversation implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final int MAX_PAYLOAD = 1400;
  private static final int PORT = 7;
  private static final int CLIENT_PORT = 40_000;
  private static final byte[] NOTHING = {};

  /** So long the first guest waits for an acknowledgment before it sends again. */
  private static final long RETRANSMISSION = TimeUnit.MILLISECONDS.toNanos(200);

  /** Whoever waits looks so often whether it shall stop. */
  private static final long LOOK = TimeUnit.MILLISECONDS.toNanos(50);

  /** Shorter delays are spent awake: nobody can be woken as precisely. */
  private static final long SLEEP_FROM = TimeUnit.MICROSECONDS.toNanos(500);

  private final Side asker;
  private final Side answerer;
  private final Thread[] threads;
  private final byte[] payload;
  private final long pause;
  private volatile long delay;
  private volatile long answers;
  private volatile long retransmissions;
  private volatile boolean stopped;
  private volatile Throwable failure;

  /** A guest and its addresses. */
  private record Side(VhostUserGuest guest, Endpoint own) {}

  /**
   * How they talk.
   *
   * @param payload bytes in a segment, 1 to {@value #MAX_PAYLOAD}
   * @param pauseNanos how long the first guest rests after each answer
   */
  public record Pace(int payload, long pauseNanos) {
    /** Checks both. */
    public Pace {
      if (payload < 1 || payload > MAX_PAYLOAD || pauseNanos < 0) {
        throw new IllegalArgumentException("no pace: " + payload + " bytes, " + pauseNanos + " ns");
      }
    }
  }

  private TcpConversation(Side asker, Side answerer, Pace pace) {
    this.asker = asker;
    this.answerer = answerer;
    payload = new byte[pace.payload()];
    pause = pace.pauseNanos();
    threads =
        new Thread[] {
          Thread.ofPlatform().name("tcp-asker").unstarted(() -> run(this::ask)),
          Thread.ofPlatform().name("tcp-answerer").unstarted(() -> run(this::answer))
        };
  }

  /** Connects both guests to their sockets, of one sidecar or of two, and has them talk. */
  public static TcpConversation start(
      Path askerSocket, Endpoint asker, Path answererSocket, Endpoint answerer, Pace pace)
      throws IOException {
    VhostUserGuest first = guest("asker", askerSocket);
    VhostUserGuest second;
    try {
      second = guest("answerer", answererSocket);
    } catch (IOException | RuntimeException e) {
      first.close();
      throw e;
    }
    TcpConversation conversation =
        new TcpConversation(new Side(first, asker), new Side(second, answerer), pace);
    for (Thread thread : conversation.threads) {
      thread.start();
    }
    return conversation;
  }

  private static VhostUserGuest guest(String name, Path socket) throws IOException {
    VhostUserFrontend frontend = VhostUserFrontend.connect(socket, PATIENCE);
    return VhostUserGuest.start(name, GuestOptions.DEFAULT, frontend);
  }

  /** From now on the second guest answers so much later. */
  public void delay(long nanos) {
    delay = nanos;
  }

  /** Segments that were acknowledged. */
  public long answers() {
    return answers;
  }

  /** Segments that were sent again. */
  public long retransmissions() {
    return retransmissions;
  }

  private void run(Runnable what) {
    try {
      what.run();
    } catch (RuntimeException | Error e) {
      failure = e;
    }
  }

  private void ask() {
    int sequence = 1;
    long done = 0;
    long again = 0;
    while (!stopped) {
      byte[] segment = segment(asker, answerer, CLIENT_PORT, PORT, sequence, 1, payload);
      boolean _ = asker.guest().sendFrame(segment);
      if (awaitAnswer(sequence + payload.length)) {
        sequence += payload.length;
        answers = ++done;
        LockSupport.parkNanos(pause);
      } else if (!stopped) {
        retransmissions = ++again;
      }
    }
  }

  private boolean awaitAnswer(int expected) {
    long end = System.nanoTime() + RETRANSMISSION;
    for (long left = RETRANSMISSION; left > 0 && !stopped; left = end - System.nanoTime()) {
      ByteBuffer tcp = tcp(asker.guest().receiveBytes(Math.min(left, LOOK)));
      if (tcp != null && acknowledgment(tcp) == expected) {
        return true;
      }
    }
    return false;
  }

  private void answer() {
    while (!stopped) {
      ByteBuffer tcp = tcp(answerer.guest().receiveBytes(LOOK));
      if (tcp != null) {
        rest(delay);
        int next = sequence(tcp) + payload.length;
        byte[] answer = segment(answerer, asker, PORT, CLIENT_PORT, 1, next, NOTHING);
        // What finds no room is lost, and asked for again.
        boolean _ = answerer.guest().sendFrame(answer);
      }
    }
  }

  private static void rest(long nanos) {
    long end = System.nanoTime() + nanos;
    for (long left = nanos; left > 0; left = end - System.nanoTime()) {
      if (left > SLEEP_FROM) {
        LockSupport.parkNanos(left - SLEEP_FROM);
      } else {
        Thread.onSpinWait();
      }
    }
  }

  private static byte[] segment(
      Side from,
      Side to,
      int sourcePort,
      int destinationPort,
      int sequence,
      int acknowledgment,
      byte[] payload) {
    byte[] source = from.own().ip();
    byte[] destination = to.own().ip();
    byte[] tcp =
        Frames.tcp(
            source, destination, sourcePort, destinationPort, sequence, acknowledgment, payload);
    byte[] packet = Frames.ipv4Packet(source, destination, Frames.PROTOCOL_TCP, tcp);
    return Frames.ethernet(to.own().mac(), from.own().mac(), Frames.TYPE_IPV4, packet);
  }

  /** The TCP header of a received frame; null if it is something else, or nothing. */
  private static ByteBuffer tcp(byte[] received) {
    int start = VirtioNet.HEADER_SIZE + Frames.ETHERNET_HEADER;
    int tcp = start + Frames.IPV4_HEADER;
    if (received == null || received.length < tcp + Frames.TCP_HEADER) {
      return null;
    }
    ByteBuffer frame = ByteBuffer.wrap(received);
    boolean isTcp =
        frame.getShort(start - Short.BYTES) == (short) Frames.TYPE_IPV4
            && frame.get(start + 9) == Frames.PROTOCOL_TCP;
    return isTcp ? frame.slice(tcp, received.length - tcp) : null;
  }

  private static int sequence(ByteBuffer tcp) {
    return tcp.getInt(4);
  }

  private static int acknowledgment(ByteBuffer tcp) {
    return tcp.getInt(8);
  }

  /** Ends both guests; throws what one of them has thrown. */
  @Override
  public void close() {
    stopped = true;
    boolean interrupted = false;
    for (Thread thread : threads) {
      while (thread.isAlive()) {
        try {
          thread.join();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    }
    asker.guest().close();
    answerer.guest().close();
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    if (failure != null) {
      throw new IllegalStateException("a guest has failed", failure);
    }
  }
}
