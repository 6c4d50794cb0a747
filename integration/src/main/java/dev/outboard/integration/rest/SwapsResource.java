package dev.outboard.integration.rest;

import static java.lang.System.Logger.Level.WARNING;

import dev.outboard.engine.Engine;
import dev.outboard.engine.EngineException;
import dev.outboard.engine.GuestSpec;
import dev.outboard.engine.SwapScope;
import dev.outboard.engine.SwapSpec;
import dev.outboard.engine.SwapStatus;
import dev.outboard.integration.runtime.DeclaredGuests;
import dev.outboard.integration.runtime.SwappedWays;
import dev.outboard.integration.wire.GuestRequest;
import dev.outboard.integration.wire.Names;
import dev.outboard.integration.wire.SwapPatch;
import dev.outboard.integration.wire.SwapRequest;
import dev.outboard.integration.wire.SwapView;
import jakarta.inject.Inject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Answers {@code /swaps}. Any thread. */
final class SwapsResource {
  private static final System.Logger LOG = System.getLogger("outboard");

  private final Engine engine;
  private final DeclaredGuests declared;
  private final SwappedWays swapped;
  private final ForgottenSwaps forgotten = new ForgottenSwaps(ForgottenSwaps.PATIENCE, this::end);

  @Inject
  SwapsResource(Engine engine, DeclaredGuests declared, SwappedWays swapped) {
    this.engine = engine;
    this.declared = declared;
    this.swapped = swapped;
  }

  /** The API ends. */
  void stop() {
    forgotten.close();
  }

  /** Nobody goes on with a swap: it is put back, or, once it is committed, finished. */
  private void end(String id) {
    String seconds = ForgottenSwaps.PATIENCE.toSeconds() + " s";
    try {
      Optional<SwapStatus> swap = swaps().stream().filter(s -> s.id().equals(id)).findFirst();
      if (swap.isEmpty()) {
        return;
      }
      if (swap.get().state() == SwapStatus.State.COMMITTED) {
        finish(id);
        LOG.log(WARNING, "swap " + id + ": committed, left alone for " + seconds + ": finished");
      } else {
        delete(id);
        LOG.log(
            WARNING, "swap " + id + ": not committed, left alone for " + seconds + ": put back");
      }
    } catch (ApiException | EngineException e) {
      LOG.log(WARNING, "swap " + id + ", left alone for " + seconds + ": " + e.getMessage());
    }
  }

  List<SwapView> list() throws ApiException {
    return swaps().stream().map(SwapView::of).toList();
  }

  SwapView get(String id) throws ApiException {
    SwapView view = SwapView.of(find(id));
    // Whoever asks for it by name still cares.
    forgotten.touched(id);
    return view;
  }

  private SwapStatus find(String id) throws ApiException {
    return swaps().stream()
        .filter(swap -> swap.id().equals(id))
        .findFirst()
        .orElseThrow(() -> new ApiException(404, "no swap '" + id + "' is under way"));
  }

  private List<SwapStatus> swaps() throws ApiException {
    try {
      return engine.swaps();
    } catch (EngineException e) {
      throw ApiException.of(e);
    }
  }

  SwapView put(String id, String body) throws ApiException {
    if (!Names.isName(id)) {
      throw new ApiException(400, "id '" + id + "' is not a name: " + Names.RULE);
    }
    SwapRequest request = Bodies.read(body, SwapRequest.class);
    SwapSpec spec =
        new SwapSpec(
            scope(request),
            Optional.ofNullable(request.to()),
            Optional.ofNullable(request.localForwarding()),
            Optional.ofNullable(request.endpoint()));
    try {
      SwapStatus status = engine.prepareSwap(id, spec);
      forgotten.touched(id);
      return SwapView.of(status);
    } catch (EngineException e) {
      throw ApiException.of(e);
    }
  }

  private static SwapScope scope(SwapRequest request) throws ApiException {
    List<SwapScope> given = new ArrayList<>();
    if (request.guests() != null) {
      given.add(new SwapScope.Guests(request.guests()));
    }
    if (request.rule() != null) {
      given.add(new SwapScope.Rule(request.rule()));
    }
    if (request.uplink() != null) {
      given.add(new SwapScope.OfUplink(request.uplink()));
    }
    if (Boolean.TRUE.equals(request.all())) {
      given.add(new SwapScope.All());
    }
    if (given.size() != 1) {
      throw new ApiException(400, "say whose frames: one of guests, rule, uplink, all");
    }
    return given.getFirst();
  }

  SwapView patch(String id, String body) throws ApiException {
    SwapPatch next = Bodies.read(body, SwapPatch.class);
    try {
      return switch (next.state() == null ? "" : next.state()) {
        case "committed" -> {
          List<String> guests = next.guests() == null ? List.of() : next.guests();
          SwapStatus status = engine.commitSwap(id, guests);
          forgotten.touched(id);
          yield SwapView.of(status);
        }
        case "finished" -> SwapView.of(finish(id), "finished");
        default -> throw new ApiException(400, "state: must be committed or finished");
      };
    } catch (EngineException e) {
      throw ApiException.of(e);
    }
  }

  private SwapStatus finish(String id) throws ApiException, EngineException {
    SwapStatus status = engine.finishSwap(id);
    forgotten.over(id);
    keep(status.guests());
    return status;
  }

  void delete(String id) throws ApiException {
    try {
      SwapStatus _ = engine.abortSwap(id);
      forgotten.over(id);
    } catch (EngineException e) {
      throw ApiException.of(e);
    }
  }

  /** A daemon that is started again finds all on the way they have now. */
  private void keep(List<String> guests) throws ApiException, EngineException {
    for (String id : guests) {
      GuestSpec spec = engine.guest(id).spec();
      try {
        Optional<GuestRequest> kept = declared.find(id);
        if (kept.isPresent()) {
          declared.save(kept.get().withWay(spec.uplink().orElse(null), spec.localForwarding()));
        }
      } catch (IOException e) {
        throw new ApiException(409, "guest '" + id + "' can't be kept for a restart: " + e, e);
      }
    }
    try {
      swapped.keep(engine);
    } catch (IOException e) {
      throw new ApiException(409, "the new ways can't be kept for a restart: " + e, e);
    }
  }
}
