package dev.sequitur.deploy.api;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/**
 * Orders of a list of entities, and the places in it where pages end. A place is a rank and a key, so that it means the
 * same to every instance, and to a list that has changed meanwhile.
 */
final class Paging {
    /** What comes first. Equal ranks are in the order of their keys. */
    enum Order {
        SCORE("score"),
        ALARM("lastAlarm"),
        RECENT("time"),
        KEY(null);

        private final String ranked;

        Order(String ranked) {
            this.ranked = ranked;
        }

        static Order of(String text) {
            return Arrays.stream(values())
                    .filter(order -> order.name().toLowerCase(Locale.ROOT).equals(text))
                    .findFirst()
                    .orElseThrow(() -> ApiException.wrong(
                            "The parameter 'order'", "score, alarm, recent or key", Call.shown(text)));
        }

        /** Higher is earlier. */
        double rank(JsonNode entity) {
            JsonNode value = ranked == null ? null : entity.get(ranked);
            if (value == null || value.isNull()) {
                return this == KEY ? 0 : Double.NEGATIVE_INFINITY;
            }
            return value.isNumber()
                    ? value.doubleValue()
                    : Instant.parse(value.textValue()).toEpochMilli();
        }

        Comparator<JsonNode> comparator() {
            return Comparator.<JsonNode>comparingDouble(entity -> -rank(entity))
                    .thenComparing(entity -> entity.get("key").textValue(), Paging::compareKeys);
        }
    }

    /** The last entity of a page. */
    record Place(double rank, String key) {
        boolean before(Order order, JsonNode entity) {
            double other = order.rank(entity);
            return other < rank
                    || other == rank && compareKeys(entity.get("key").textValue(), key) > 0;
        }
    }

    private Paging() {}

    /** As the bytes in UTF-8 compare, which is the store's order. */
    static int compareKeys(String a, String b) {
        return Arrays.compareUnsigned(a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8));
    }

    static String token(Order order, JsonNode last) {
        String place =
                Double.toHexString(order.rank(last)) + "|" + last.get("key").textValue();
        return Base64.getUrlEncoder().withoutPadding().encodeToString(place.getBytes(StandardCharsets.UTF_8));
    }

    static Optional<Place> place(String token) {
        if (token == null || token.isEmpty()) {
            return Optional.empty();
        }
        try {
            String place = new String(Base64.getUrlDecoder().decode(token), StandardCharsets.UTF_8);
            int bar = place.indexOf('|');
            return Optional.of(new Place(Double.parseDouble(place.substring(0, bar)), place.substring(bar + 1)));
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            throw ApiException.wrong("The parameter 'after'", "'next' of the page before", Call.shown(token));
        }
    }
}
