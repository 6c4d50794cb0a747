package dev.outboard.guest;

/**
 * The guest that answers: sends one frame back for each that comes. Run by the load's thread
 * ({@link #step}) or by one of its own ({@link #run}).
 */
final class Echo {
  private final GuestDevice device;
  private final FrameCheck requests;
  private final FrameTemplate response;
  private final int burst;
  private long sent;

  Echo(GuestDevice device, FrameTemplate request, FrameTemplate response, int burst) {
    this.device = device;
    this.requests = new FrameCheck(request);
    this.response = response;
    this.burst = burst;
  }

  /** Hot: receives and answers what there is; true if there was anything. */
  boolean step() {
    int received = device.receive(requests, burst);
    long due = requests.position() - sent;
    if (due > 0) {
      // Numbers of lost requests are answered too: the asker must not wait for ever.
      sent += device.send(response, sent, (int) Math.min(due, burst));
      return true;
    }
    return received > 0;
  }

  void run(StopSign stop, GuestPair.Idler idler) {
    while (!stop.isStopped()) {
      if (step()) {
        idler.reset();
      } else {
        boolean _ = idler.idle();
      }
    }
  }

  /** The answers it has sent; read when its thread has ended. */
  long sent() {
    return sent;
  }

  /** Takes over what another process has counted as this echo. */
  void adopt(long answers, long[] counts) {
    sent = answers;
    requests.adopt(counts);
  }

  /** The requests it has seen; read when its thread has ended. */
  FrameCheck requests() {
    return requests;
  }
}
