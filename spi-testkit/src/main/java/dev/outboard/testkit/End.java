package dev.outboard.testkit;

import dev.outboard.spi.FrameBurst;
import dev.outboard.spi.FramePort;
import dev.outboard.spi.PortSpec;
import dev.outboard.spi.Priority;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * A port with its worker, something to send from and something to receive into. The methods of the
 * first part are for the control thread; those of the second part are run on the worker.
 */
final class End {
  /** The most frames that are sent at a time: nothing on the way needs room for more. */
  static final int WINDOW = 32;

  private static final long PAUSE_NANOS = 1_000_000;
  private static final int TOKENS = 8;
  private static final long UNTOUCHED = Long.MIN_VALUE;

  /** Whom a port is for. */
  record Place(int guest, int worker, int network, int mtu) {
    PortSpec spec(KitHost host) {
      return new KitPortSpec(host, guest, network, mtu);
    }
  }

  final Uplink uplink;
  final Place place;
  final FramePort port;
  final Outbox out;
  final Inbox in;
  private final boolean givesTokens;
  final long patience;
  private final long[] tokens = new long[TOKENS + 1];
  private final Map<Long, Integer> payloadOfToken = new HashMap<>();
  private KitWorker worker;
  KitWorker.PortContext context;
  private long nextToken = 1_000;
  private int held;

  /** Only payload is overwritten when it may be, or only headers. */
  boolean keepsHeaders;

  boolean keepsPayload;

  /** Of the frames that are sent from now on. */
  Priority priority = Priority.STANDARD;

  /** What the port did with tokens that it must not. */
  final List<String> complaints = new ArrayList<>();

  End(Uplink uplink, Place place, FramePort port, Inbox in, boolean givesTokens, long patience) {
    this.uplink = uplink;
    this.place = place;
    this.port = port;
    this.in = in;
    this.givesTokens = givesTokens;
    this.patience = patience;
    out = new Outbox(uplink.host().regions(), uplink.transport());
  }

  // For the control thread.

  void bind(KitWorker to) {
    worker = to;
    to.run(
        () -> {
          context = to.context();
          port.bind(context);
          return null;
        });
  }

  /** It was unbound by its worker itself. */
  void isUnbound() {
    worker = null;
  }

  boolean isBound() {
    return worker != null;
  }

  KitWorker worker() {
    return worker;
  }

  /** Takes the port from its worker, when it holds nothing any more or has had its time. */
  void unbind() {
    KitWorker from = worker;
    from.run(
        () -> {
          awaitTokens();
          unbindNow();
          return null;
        });
    worker = null;
  }

  /** Sends all frames; how many were accepted within the time that there is. */
  int send(List<Sent> frames, int hop) {
    return worker.run(() -> sendNow(frames, place.network(), hop));
  }

  /** Receives until there are so many frames, or it has taken too long. */
  List<Got> collect(int count) {
    return worker.run(() -> collectNow(all -> all.size() >= count));
  }

  /** What arrives in this time, or in no more of it than it takes to get something. */
  List<Got> collectFor(long nanos) {
    long end = System.nanoTime() + nanos;
    return worker.run(() -> collectNow(all -> !all.isEmpty() || System.nanoTime() > end));
  }

  // For the worker.

  void unbindNow() {
    worker.holds(this, false);
    port.unbind();
  }

  int sendNow(List<Sent> frames, int network, int hop) {
    long deadline = System.nanoTime() + patience;
    int accepted = 0;
    for (int first = 0; first < frames.size(); first += WINDOW) {
      List<Sent> chunk = frames.subList(first, Math.min(frames.size(), first + WINDOW));
      fill(chunk, network, hop);
      int done = 0;
      while (done < chunk.size() && System.nanoTime() < deadline) {
        int more = transmit(done, chunk.size() - done);
        done += more;
        if (more == 0) {
          reclaim();
          worker.sleep(PAUSE_NANOS / 10);
        }
      }
      port.flush();
      accepted += done;
      awaitTokens();
      if (done < chunk.size()) {
        break;
      }
    }
    return accepted;
  }

  /** Lays frames out; each may be held, if the transport says that it does so. */
  void fill(List<Sent> frames, int network, int hop) {
    out.burst.clear();
    out.burst.setPriority(priority);
    for (Sent frame : frames) {
      out.add(frame, network, hop);
      if (givesTokens && frame.mayBeHeld()) {
        out.burst.setToken(out.burst.count() - 1, nextToken++);
      }
    }
  }

  /**
   * Has the port send a part of the burst. What it has accepted is overwritten as soon as that is
   * allowed: headers at once, payload when it is not held.
   */
  int transmit(int from, int count) {
    int accepted = port.transmit(out.burst, from, count);
    int holds = out.burst.takeHolds();
    Check.that(
        accepted >= 0 && accepted <= count,
        () -> "transmit of %d frames returned %d".formatted(count, accepted));
    Check.that(
        holds <= accepted, () -> "%d holds for %d accepted frames".formatted(holds, accepted));
    for (int i = from; i < from + accepted; i++) {
      if (!keepsHeaders) {
        out.scribbleHeader(i);
      }
      if (holds == 0 || out.burst.token(i) == FrameBurst.NO_TOKEN) {
        scribblePayload(i);
      } else {
        payloadOfToken.put(out.burst.token(i), i);
      }
    }
    held += holds;
    worker.holds(this, held > 0);
    return accepted;
  }

  /** Takes note of what a transmit of the whole burst holds that was not made by this class. */
  void holding(int accepted) {
    held += out.burst.takeHolds();
    for (int i = 0; i < accepted && held > 0; i++) {
      payloadOfToken.put(out.burst.token(i), i);
    }
    worker.holds(this, held > 0);
  }

  private void scribblePayload(int i) {
    if (!keepsPayload) {
      out.scribblePayload(i);
    }
  }

  int held() {
    return held;
  }

  /** Takes tokens back; payload that is not held any more is overwritten. */
  int reclaim() {
    tokens[TOKENS] = UNTOUCHED;
    int count = port.reclaim(tokens, TOKENS);
    if (count < 0 || count > TOKENS || tokens[TOKENS] != UNTOUCHED) {
      complaints.add("reclaim of at most %d tokens returned %d".formatted(TOKENS, count));
      return 0;
    }
    for (int i = 0; i < count; i++) {
      Integer slot = payloadOfToken.remove(tokens[i]);
      if (slot == null) {
        complaints.add("token %d came back, which was not held".formatted(tokens[i]));
      } else {
        scribblePayload(slot);
      }
    }
    held -= count;
    if (held <= 0) {
      payloadOfToken.values().forEach(this::scribblePayload);
      payloadOfToken.clear();
      worker.holds(this, false);
    }
    return count;
  }

  /** Waits until the port has given all tokens back; whether it did. */
  boolean awaitTokens() {
    long deadline = System.nanoTime() + patience;
    while (held > 0 && System.nanoTime() < deadline) {
      if (reclaim() == 0) {
        worker.sleep(PAUSE_NANOS / 10);
      }
    }
    return held == 0;
  }

  /** Receives until it is enough, or has taken too long. */
  List<Got> collectNow(Predicate<List<Got>> enough) {
    long deadline = System.nanoTime() + patience;
    List<Got> all = new ArrayList<>();
    while (!enough.test(all) && System.nanoTime() < deadline) {
      if (receiveNow(WINDOW, all) == 0 && in.arm()) {
        worker.sleep(PAUSE_NANOS);
      }
    }
    return all;
  }

  /** Receives once and adds what has come; how many. */
  int receiveNow(int limit, List<Got> all) {
    int count = in.receive(limit);
    Check.that(
        count >= 0 && count <= limit,
        () -> "receive of at most %d frames returned %d".formatted(limit, count));
    for (int i = 0; i < count; i++) {
      all.add(in.got(i));
    }
    if (count > 0) {
      in.release();
    }
    return count;
  }

  void close() {
    out.close();
    in.close();
  }
}
