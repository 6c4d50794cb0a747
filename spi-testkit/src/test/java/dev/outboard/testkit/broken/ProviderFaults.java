package dev.outboard.testkit.broken;

import static dev.outboard.testkit.broken.Fault.GUEST;
import static dev.outboard.testkit.broken.Fault.SHARED;

import dev.outboard.spi.Availability;
import dev.outboard.spi.Capabilities;
import dev.outboard.spi.FrameBurst;
import dev.outboard.spi.FramePort;
import dev.outboard.spi.Setting;
import dev.outboard.spi.Transport;
import dev.outboard.spi.TransportContext;
import dev.outboard.spi.TransportException;
import java.util.List;

/** Faults in what users see before a frame moves. */
final class ProviderFaults {
  private ProviderFaults() {}

  static List<Fault> all() {
    return List.of(
        SHARED.provider(
            "provider-1",
            "'Loop Back'",
            real ->
                new BrokenProvider(real) {
                  @Override
                  public String name() {
                    return "Loop Back";
                  }
                }),
        SHARED.provider(
            "provider-2",
            "the answer when asked again",
            real ->
                new BrokenProvider(real) {
                  private int asked;

                  @Override
                  public Availability probe() {
                    return asked++ % 3 < 2 ? super.probe() : Availability.no("not now", "wait");
                  }
                }),
        GUEST
            .provider(
                "provider-2",
                "file descriptors more than before",
                real ->
                    new BrokenProvider(real) {
                      @Override
                      public Availability probe() {
                        Leaks.descriptor();
                        return super.probe();
                      }
                    })
            .waiting(),
        SHARED.provider(
            "provider-3",
            "the reason of a usable transport",
            real ->
                new BrokenProvider(real) {
                  @Override
                  public Availability probe() {
                    return new Availability(true, "all is well", "");
                  }
                }),
        SHARED.provider(
            "provider-4",
            "its default is 'many'",
            real ->
                new BrokenProvider(real) {
                  @Override
                  public List<Setting> settings() {
                    return List.of(
                        new Setting("slots", Setting.Type.NUMBER, "many", "How many slots."));
                  }
                }),
        SHARED.provider(
            "provider-5",
            "there is no setting secret",
            real ->
                new BrokenProvider(real) {
                  @Override
                  public Transport open(TransportContext context) throws TransportException {
                    String _ = context.setting("secret");
                    return super.open(context);
                  }
                }),
        SHARED.provider(
            "provider-6",
            "IllegalArgumentException",
            real ->
                new BrokenProvider(real) {
                  @Override
                  public Transport open(TransportContext context) throws TransportException {
                    if (context.setting("mtu").length() > 4) {
                      throw new IllegalArgumentException("mtu");
                    }
                    return super.open(context);
                  }
                }),
        SHARED
            .uplink("provider-7", "of 8 frames arrived", ProviderFaults::dumbOnceOneLeaves)
            .waiting(),
        GUEST
            .uplink("provider-7", "of 8 frames arrived", ProviderFaults::dumbOnceOneLeaves)
            .waiting(),
        SHARED.uplink(
            "capabilities-1",
            "the capabilities when asked again",
            (real, context, _) ->
                new BrokenTransport(real, context.regions()) {
                  private int mtu = 1500;

                  @Override
                  public Capabilities capabilities() {
                    Capabilities is = real.capabilities();
                    return Capabilities.shared(mtu--, is.maxFragments());
                  }
                }),
        SHARED.uplink(
            "capabilities-2",
            "the offloads are",
            (real, context, _) ->
                new BrokenTransport(real, context.regions()) {
                  @Override
                  public Capabilities capabilities() {
                    Capabilities is = real.capabilities();
                    return is.withOffloads(1 << 20);
                  }
                }));
  }

  private static Transport dumbOnceOneLeaves(
      Transport real, TransportContext context, BrokenProvider provider) {
    return new BrokenTransport(real, context.regions()) {
      @Override
      FramePort broken(FramePort port) {
        return new BrokenPort(port) {
          @Override
          public int transmit(FrameBurst frames, int from, int count) {
            return provider.somebodyLeft ? count : super.transmit(frames, from, count);
          }
        };
      }

      @Override
      public void close() {
        provider.somebodyLeft = true;
        super.close();
      }
    };
  }
}
