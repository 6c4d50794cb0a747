package dev.outboard.guest;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The process that {@link FarGuest} starts: a UDP socket at the far end of a veth pair. Between
 * loads it is blocked in a read; it ends when that says so.
 */
final class FarGuestMain {
  private final HostPeer device;
  private final Endpoint own;
  private final Endpoint peer;
  private final Meter meter;
  private final PrintStream out;

  private FarGuestMain(HostPeer device, Endpoint own, Endpoint peer, Meter meter, PrintStream out) {
    this.device = device;
    this.own = own;
    this.peer = peer;
    this.meter = meter;
    this.out = out;
  }

  /** Runs until its input ends. */
  public static void main(String[] arguments) throws IOException {
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    KeyValues settings = new KeyValues(List.of(arguments));
    Endpoint own = Endpoint.of(settings.required("own.mac"), settings.required("own.ip"));
    Endpoint peer = Endpoint.of(settings.required("peer.mac"), settings.required("peer.ip"));
    int cpu = settings.number("cpu", -1);
    int mtu = settings.number("mtu", 1500);
    String link = settings.required("link");
    Path shared = Path.of(settings.required("meter"));
    settings.requireAllKnown();
    Meter meter = new Meter(map(shared));
    out.println("waiting");
    if (!"connect".equals(in.readLine())) {
      return;
    }
    try (HostPeer device = PrivateNetworks.hostPeer(link, own, peer, mtu)) {
      GuestPair.pin(cpu);
      out.println("ready");
      FarGuestMain guest = new FarGuestMain(device, own, peer, meter, out);
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        guest.serve(List.of(line.split(" ", -1)));
      }
    }
  }

  private static MemorySegment map(Path file) throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      return channel.map(FileChannel.MapMode.READ_WRITE, 0, Meter.BYTES, Arena.global());
    }
  }

  private void serve(List<String> words) {
    KeyValues settings = new KeyValues(words.subList(1, words.size()));
    FrameTemplate.Kind kind =
        settings.choice("kind", FrameTemplate.Kind.class, FrameTemplate.Kind.UDP);
    int size = settings.number("size", 0);
    int burst = settings.number("burst", 1);
    GuestPair.Idler idler =
        new GuestPair.Idler(
            device, settings.choice("idling", GuestPair.Idling.class, GuestPair.Idling.POLL));
    switch (words.getFirst()) {
      case "answer" -> {
        FrameTemplate request = GuestPair.template(kind, peer, own, size, size);
        FrameTemplate response = GuestPair.template(kind, own, peer, size, size);
        Echo echo = new Echo(device, request, response, burst);
        out.println("serving");
        echo.run(meter, idler);
        out.println(echo.sent() + " " + text(echo.requests()));
      }
      case "receive" -> {
        FrameCheck check = new FrameCheck(GuestPair.template(kind, peer, own, size, size));
        out.println("serving");
        Stream.receive(meter, device, idler, check, burst, meter);
        out.println("0 " + text(check));
      }
      case "drain" -> out.println(GuestPair.drain(device, peer, own));
      default -> throw new IllegalArgumentException(words.toString());
    }
  }

  private static String text(FrameCheck check) {
    return Arrays.stream(check.counts()).mapToObj(Long::toString).collect(Collectors.joining(" "));
  }
}
