/* Parallel tempering over cohorts without tied times; the reference is search_reference.py.

   A cohort is: columns of covariates by patient, and per endpoint the order of the patients and
   the event flag of each rank. Terms are Cox models on some columns and one endpoint, with
   intervals for coefficient, confidence limits and |z|. Random numbers are xoshiro256**, sums run
   in one fixed order, so that the reference in Python walks the same way. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define KMAX 12
#define TARGET 12
#define TERM (2 + KMAX)
#define CARRIER 4
#define MARK 5
#define TABLE 4

typedef struct {
    int n, columns, carriers, endpoints, terms, pairs, marks, replicas, sweeps, per, moves;
    const int32_t *carrier, *term, *pair, *move, *binary, *limit;
    const double *target, *template_time, *mark, *cumulative, *temperature;
    double pair_weight;
} Problem;

typedef struct {
    double *x;        /* columns x n */
    int32_t *event;   /* endpoints x n, by rank */
    int32_t *order;   /* endpoints x n, patient at rank */
    int32_t *rank;    /* endpoints x n, rank of patient */
    double *energy;   /* terms + pairs + marks */
    double *missed;   /* the same */
    double total, miss;
} State;

typedef struct {
    double *energy, *missed; /* of the parts that a move touches */
    unsigned char *touched;
} Scratch;

static uint64_t rotl(uint64_t x, int k) { return (x << k) | (x >> (64 - k)); }

static uint64_t next_u64(uint64_t *s) {
    uint64_t result = rotl(s[1] * 5, 7) * 9, t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotl(s[3], 45);
    return result;
}

static double uniform(uint64_t *s) { return (double)(next_u64(s) >> 11) * (1.0 / 9007199254740992.0); }

static int below(uint64_t *s, int n) { return (int)(uniform(s) * n); }

static double outside(double v, double low, double high) {
    return v < low ? low - v : v > high ? v - high : 0.0;
}

/* Energy of one coefficient against its target; *miss collects the weights of what is not met. */
static double judge(const double *t, double beta, double se, double *miss) {
    double e = 0.0, d;
    d = outside(beta, t[0], t[1]);
    if (d > 0) { e += d; *miss += t[9]; }
    d = outside(beta - t[8] * se, t[2], t[3]);
    if (d > 0) { e += d; *miss += t[10]; }
    d = outside(beta + t[8] * se, t[4], t[5]);
    if (d > 0) { e += d; *miss += t[10]; }
    d = 0.4 * outside(fabs(beta) / se, t[6], t[7]);
    if (d > 0) { e += d; *miss += t[11]; }
    return e;
}

static double start_of(const double *t) {
    return (t[0] > -1e9 && t[1] < 1e9) ? 0.5 * (t[0] + t[1]) : 0.0;
}

/* One 0/1 covariate: only the numbers at risk on either side at each event matter. */
static double binary_term(const Problem *q, const State *s, int e, int column, const double *t,
                          double *miss) {
    int n = q->n, events = 0, ones = 0, zeros = 0, hit = 0;
    double a[4096], b[4096];
    const int32_t *order = s->order + e * n, *event = s->event + e * n;
    const double *x = s->x + column * n;
    for (int r = n - 1; r >= 0; r--) {
        int one = x[order[r]] > 0.5;
        ones += one;
        zeros += 1 - one;
        if (event[r]) {
            a[events] = ones;
            b[events] = zeros;
            events++;
            hit += one;
        }
    }
    double beta = start_of(t), info = 0.0;
    for (int k = 0; k < 15; k++) {
        double w = exp(beta), mean = 0.0;
        info = 0.0;
        for (int j = 0; j < events; j++) {
            double p = w * a[j];
            p = p / (p + b[j]);
            mean += p;
            info += p * (1.0 - p);
        }
        if (info < 1e-9) break;
        double step = (hit - mean) / info;
        if (step > 1.5) step = 1.5;
        if (step < -1.5) step = -1.5;
        beta += step;
        if (fabs(step) < 1e-5) break; /* quadratic: the error left is about 1e-10 */
        if (fabs(beta) > 9.0) break;
    }
    if (info < 1e-9 || fabs(beta) > 9.0) {
        *miss += t[9] + 2 * t[10] + t[11];
        return 5.0;
    }
    return judge(t, beta, 1.0 / sqrt(info), miss);
}

/* In place Cholesky of a k x k matrix; 0 if it is not positive. */
static int cholesky(double *m, int k) {
    for (int i = 0; i < k; i++)
        for (int j = 0; j <= i; j++) {
            double v = m[i * k + j];
            for (int l = 0; l < j; l++) v -= m[i * k + l] * m[j * k + l];
            if (i == j) {
                if (v <= 1e-10) return 0;
                m[i * k + i] = sqrt(v);
            } else
                m[i * k + j] = v / m[j * k + j];
        }
    return 1;
}

static void solve(const double *m, int k, double *v) {
    for (int i = 0; i < k; i++) {
        for (int l = 0; l < i; l++) v[i] -= m[i * k + l] * v[l];
        v[i] /= m[i * k + i];
    }
    for (int i = k - 1; i >= 0; i--) {
        for (int l = i + 1; l < k; l++) v[i] -= m[l * k + i] * v[l];
        v[i] /= m[i * k + i];
    }
}

/* Sums of one Newton step: what the events have less what is expected, and the information. */
typedef struct {
    double step[KMAX], info[KMAX * KMAX];
} Sums;

/* Few 0/1 columns: patients of one code are alike, so how many of each code are at risk at an
   event is all that matters, and is counted once for all steps. */
typedef struct {
    int events, codes, k;
    int32_t hit[TABLE];
    int32_t at_risk[4096 << TABLE];
} Counts;

static void count_codes(const Problem *q, const State *s, int e, const int32_t *columns, Counts *c) {
    int n = q->n, k = c->k, codes = c->codes;
    const int32_t *order = s->order + e * n, *event = s->event + e * n;
    int32_t now[1 << TABLE];
    memset(now, 0, sizeof now);
    memset(c->hit, 0, sizeof c->hit);
    c->events = 0;
    for (int r = n - 1; r >= 0; r--) {
        int code = 0;
        for (int j = 0; j < k; j++) code |= (s->x[columns[j] * n + order[r]] > 0.5) << j;
        now[code]++;
        if (!event[r]) continue;
        for (int j = 0; j < k; j++) c->hit[j] += (code >> j) & 1;
        memcpy(c->at_risk + c->events * codes, now, sizeof(int32_t) * codes);
        c->events++;
    }
}

static void counted_sums(const Counts *c, const double *beta, Sums *out) {
    int k = c->k, codes = c->codes;
    double weight[1 << TABLE];
    for (int m = 0; m < codes; m++) {
        double eta = 0.0;
        for (int j = 0; j < k; j++) eta += beta[j] * ((m >> j) & 1);
        weight[m] = exp(eta);
    }
    for (int j = 0; j < k; j++) out->step[j] = c->hit[j];
    for (int i = 0; i < c->events; i++) {
        const int32_t *at = c->at_risk + i * codes;
        double v[1 << TABLE], mean[TABLE], s0 = 0.0;
        for (int m = 0; m < codes; m++) {
            v[m] = weight[m] * at[m];
            s0 += v[m];
        }
        double share = 1.0 / s0;
        for (int j = 0; j < k; j++) {
            double sum = 0.0;
            for (int m = 1 << j; m < codes; m++)
                if ((m >> j) & 1) sum += v[m];
            mean[j] = sum * share;
            out->step[j] -= mean[j];
            for (int d = 0; d < j; d++) {
                int both = 1 << j | 1 << d;
                double pair = 0.0;
                for (int m = both; m < codes; m++)
                    if ((m & both) == both) pair += v[m];
                out->info[j * k + d] += pair * share - mean[j] * mean[d];
            }
            out->info[j * k + j] += mean[j] * (1.0 - mean[j]);
        }
    }
}

static void patient_sums(const Problem *q, const State *s, int e, const int32_t *columns, int k,
                         const double *beta, Sums *out) {
    int n = q->n;
    const int32_t *order = s->order + e * n, *event = s->event + e * n;
    double s0 = 0.0, s1[KMAX], s2[KMAX * KMAX];
    memset(s1, 0, sizeof s1);
    memset(s2, 0, sizeof s2);
    for (int r = n - 1; r >= 0; r--) {
        double z[KMAX], eta = 0.0;
        for (int c = 0; c < k; c++) {
            z[c] = s->x[columns[c] * n + order[r]];
            eta += beta[c] * z[c];
        }
        double w = exp(eta);
        s0 += w;
        for (int c = 0; c < k; c++) {
            double v = w * z[c];
            if (v == 0.0) continue;
            s1[c] += v;
            for (int d = 0; d <= c; d++) s2[c * k + d] += v * z[d];
        }
        if (!event[r]) continue;
        for (int c = 0; c < k; c++) {
            double m = s1[c] / s0;
            out->step[c] += z[c] - m;
            for (int d = 0; d <= c; d++)
                out->info[c * k + d] += s2[c * k + d] / s0 - m * (s1[d] / s0);
        }
    }
}

static double joint_term(const Problem *q, const State *s, int e, const int32_t *columns, int k,
                         const double *t, double *miss) {
    int fine = 0, few = k <= TABLE;
    double beta[KMAX];
    Sums at;
    Counts counts;
    for (int c = 0; c < k; c++) {
        beta[c] = start_of(t + c * TARGET);
        few = few && q->binary[columns[c]];
    }
    if (few) {
        counts.k = k;
        counts.codes = 1 << k;
        count_codes(q, s, e, columns, &counts);
    }
    for (int it = 0; it < 15; it++) {
        memset(&at, 0, sizeof at);
        if (few)
            counted_sums(&counts, beta, &at);
        else
            patient_sums(q, s, e, columns, k, beta, &at);
        if (!cholesky(at.info, k)) break;
        solve(at.info, k, at.step);
        double largest = 0.0, far = 0.0;
        for (int c = 0; c < k; c++) {
            if (at.step[c] > 1.5) at.step[c] = 1.5;
            if (at.step[c] < -1.5) at.step[c] = -1.5;
            beta[c] += at.step[c];
            if (fabs(at.step[c]) > largest) largest = fabs(at.step[c]);
            if (fabs(beta[c]) > far) far = fabs(beta[c]);
        }
        if (far > 9.0) break;
        if (largest < 1e-5) {
            fine = 1;
            break;
        }
    }
    double energy = 0.0;
    for (int c = 0; c < k; c++) {
        const double *own = t + c * TARGET;
        if (!fine) {
            *miss += own[9] + 2 * own[10] + own[11];
            continue;
        }
        double unit[KMAX];
        memset(unit, 0, sizeof unit);
        unit[c] = 1.0;
        solve(at.info, k, unit);
        energy += judge(own, beta[c], sqrt(unit[c]), miss);
    }
    return fine ? energy : 5.0 * k;
}

static double term_energy(const Problem *q, const State *s, int i, double *miss) {
    const int32_t *t = q->term + i * TERM;
    const double *target = q->target + (Py_ssize_t)i * KMAX * TARGET;
    *miss = 0.0;
    if (t[1] == 1 && q->binary[t[2]]) return binary_term(q, s, t[0], t[2], target, miss);
    return joint_term(q, s, t[0], t + 2, t[1], target, miss);
}

/* Patients whose first endpoint comes after their second, or is censored though the second is not. */
static double pair_energy(const Problem *q, const State *s, int i, double *miss) {
    int n = q->n, early = q->pair[2 * i], late = q->pair[2 * i + 1], bad = 0;
    for (int p = 0; p < n; p++) {
        int a = s->rank[early * n + p], b = s->rank[late * n + p];
        if (q->template_time[early * n + a] > q->template_time[late * n + b]) bad++;
        if (!s->event[early * n + a] && s->event[late * n + b]) bad++;
    }
    *miss = 1e4 * bad;
    return q->pair_weight * bad;
}

/* A Kaplan-Meier estimate that some rank of a range has to have. */
static double mark_energy(const Problem *q, const State *s, int i, double *miss) {
    const double *m = q->mark + i * MARK;
    int n = q->n, e = (int)m[0];
    double survival = 1.0, best = 1e9;
    for (int r = 0; r <= n; r++) {
        if (r >= m[1] && r <= m[2]) {
            double d = outside(survival, m[3], m[4]);
            if (d < best) best = d;
        }
        if (r < n && s->event[e * n + r]) survival *= 1.0 - 1.0 / (n - r);
    }
    *miss = best > 0 ? 1e3 : 0.0;
    return best > 1e-12 ? best : 0.0;
}

static double part(const Problem *q, const State *s, int i, double *miss) {
    if (i < q->terms) return term_energy(q, s, i, miss);
    if (i < q->terms + q->pairs) return pair_energy(q, s, i - q->terms, miss);
    return mark_energy(q, s, i - q->terms - q->pairs, miss);
}

/* Whether a move changes a part: patients with equal covariates change places unseen. */
static int touched(const Problem *q, const State *s, int kind, int index, int a, int b, int i) {
    if (i >= q->terms + q->pairs)
        return (kind == 1 || kind == 4) && (int)q->mark[(i - q->terms - q->pairs) * MARK] == index;
    if (i >= q->terms) {
        const int32_t *p = q->pair + 2 * (i - q->terms);
        return (kind == 1 || kind == 2 || kind == 4) && (p[0] == index || p[1] == index);
    }
    const int32_t *t = q->term + i * TERM;
    if (kind == 2) {
        if (t[0] != index) return 0;
        const int32_t *o = s->order + index * q->n;
        for (int k = 0; k < t[1]; k++)
            if (s->x[t[2 + k] * q->n + o[a]] != s->x[t[2 + k] * q->n + o[b]]) return 1;
        return 0;
    }
    if (kind == 1 || kind == 4) return t[0] == index;
    const int32_t *c = q->carrier + index * CARRIER;
    for (int k = 0; k < t[1]; k++)
        if (t[2 + k] >= c[0] && t[2 + k] < c[0] + c[1]) return 1;
    return 0;
}

static void exchange(const Problem *q, State *s, int kind, int index, int i, int j) {
    int n = q->n;
    if (kind == 0) {
        const int32_t *c = q->carrier + index * CARRIER;
        for (int k = c[0]; k < c[0] + c[1]; k++) {
            double v = s->x[k * n + i];
            s->x[k * n + i] = s->x[k * n + j];
            s->x[k * n + j] = v;
        }
    } else if (kind == 1) {
        int32_t v = s->event[index * n + i];
        s->event[index * n + i] = s->event[index * n + j];
        s->event[index * n + j] = v;
    } else if (kind == 2) {
        int32_t *o = s->order + index * n, v = o[i];
        o[i] = o[j];
        o[j] = v;
        s->rank[index * n + o[i]] = i;
        s->rank[index * n + o[j]] = j;
    } else if (kind == 4) {
        s->event[index * n + i] = 1 - s->event[index * n + i];
    } else {
        double *x = s->x + q->carrier[index * CARRIER] * n;
        x[i] = 1.0 - x[i];
    }
}

static int proposal(const Problem *q, const State *s, uint64_t *rng, int *kind, int *index, int *i,
                    int *j) {
    int n = q->n, m = 0;
    double u = uniform(rng);
    while (m < q->moves - 1 && u >= q->cumulative[m]) m++;
    *kind = q->move[2 * m];
    *index = q->move[2 * m + 1];
    int e = *kind == 1 || *kind == 2 || *kind == 4 ? *index : below(rng, q->endpoints);
    int a = below(rng, n), b;
    if (*kind == 4) {
        int events = 0;
        for (int r = 0; r < n; r++) events += s->event[e * n + r] != 0;
        events += s->event[e * n + a] ? -1 : 1;
        *i = *j = a;
        return events >= q->limit[2 * e] && events <= q->limit[2 * e + 1];
    }
    if (*kind == 3) {
        const int32_t *c = q->carrier + *index * CARRIER;
        int ones = 0;
        for (int p = 0; p < n; p++) ones += s->x[c[0] * n + p] > 0.5;
        ones += s->x[c[0] * n + a] > 0.5 ? -1 : 1;
        *i = *j = a;
        return ones >= c[2] && ones <= c[3];
    }
    if (uniform(rng) < 0.4)
        b = below(rng, n);
    else {
        b = a + below(rng, 9) - 4;
        if (b < 0) b = 0;
        if (b > n - 1) b = n - 1;
    }
    if (a == b) return 0;
    if (*kind == 1) {
        *i = a;
        *j = b;
        return s->event[e * n + a] != s->event[e * n + b];
    }
    if (*kind == 2) {
        *i = a;
        *j = b;
        return 1;
    }
    *i = s->order[e * n + a];
    *j = s->order[e * n + b];
    const int32_t *c = q->carrier + *index * CARRIER;
    for (int k = c[0]; k < c[0] + c[1]; k++)
        if (s->x[k * n + *i] != s->x[k * n + *j]) return 1;
    return 0;
}

static void copy_state(const Problem *q, State *to, const State *from) {
    size_t n = q->n, parts = q->terms + q->pairs + q->marks;
    memcpy(to->x, from->x, sizeof(double) * n * q->columns);
    memcpy(to->event, from->event, sizeof(int32_t) * n * q->endpoints);
    memcpy(to->order, from->order, sizeof(int32_t) * n * q->endpoints);
    memcpy(to->rank, from->rank, sizeof(int32_t) * n * q->endpoints);
    memcpy(to->energy, from->energy, sizeof(double) * parts);
    memcpy(to->missed, from->missed, sizeof(double) * parts);
    to->total = from->total;
    to->miss = from->miss;
}

static int allocate(const Problem *q, State *s) {
    size_t n = q->n, parts = q->terms + q->pairs + q->marks + 1;
    s->x = malloc(sizeof(double) * (n * q->columns + 1));
    s->event = malloc(sizeof(int32_t) * n * q->endpoints);
    s->order = malloc(sizeof(int32_t) * n * q->endpoints);
    s->rank = malloc(sizeof(int32_t) * n * q->endpoints);
    s->energy = malloc(sizeof(double) * parts);
    s->missed = malloc(sizeof(double) * parts);
    return s->x && s->event && s->order && s->rank && s->energy && s->missed;
}

static void release(State *s) {
    free(s->x);
    free(s->event);
    free(s->order);
    free(s->rank);
    free(s->energy);
    free(s->missed);
}

static int better(const State *a, const State *b) {
    return a->miss < b->miss - 1e-9 || (a->miss < b->miss + 1e-9 && a->total < b->total - 1e-12);
}

typedef struct {
    int kind, index, i, j;
} Move;

/* One change, or two at once: the small effects that narrow windows need are differences of two. */
static void one_move(const Problem *q, State *s, double temperature, uint64_t *rng, Scratch *own) {
    Move move[2];
    int parts = q->terms + q->pairs + q->marks, moves = 0, most = uniform(rng) < 0.5 ? 1 : 2;
    memset(own->touched, 0, parts);
    for (; moves < most; moves++) {
        Move *m = &move[moves];
        if (!proposal(q, s, rng, &m->kind, &m->index, &m->i, &m->j)) break;
        exchange(q, s, m->kind, m->index, m->i, m->j);
        for (int k = 0; k < parts; k++)
            if (!own->touched[k]) own->touched[k] = touched(q, s, m->kind, m->index, m->i, m->j, k);
    }
    if (!moves) return;
    double limit = s->total - temperature * log(uniform(rng) + 1e-300), sum = s->total;
    for (int k = 0; k < parts; k++)
        if (own->touched[k]) sum -= s->energy[k];
    int kept = sum <= limit;
    for (int k = parts - 1; k >= 0 && kept; k--) {
        if (!own->touched[k]) continue;
        own->energy[k] = part(q, s, k, &own->missed[k]);
        sum += own->energy[k];
        kept = sum <= limit;
    }
    if (!kept) {
        while (moves--) exchange(q, s, move[moves].kind, move[moves].index, move[moves].i, move[moves].j);
        return;
    }
    s->total = 0.0;
    s->miss = 0.0;
    for (int k = 0; k < parts; k++) {
        if (own->touched[k]) {
            s->energy[k] = own->energy[k];
            s->missed[k] = own->missed[k];
        }
        s->total += s->energy[k];
        s->miss += s->missed[k];
    }
}

static int temper(const Problem *q, State *replica, State *best, uint64_t *rng, int *done) {
    size_t parts = q->terms + q->pairs + q->marks + 1;
    Scratch own = {malloc(sizeof(double) * parts), malloc(sizeof(double) * parts), malloc(parts)};
    int hit = best->miss <= 0, fine = own.energy && own.missed && own.touched;
    *done = 0;
    for (int sweep = 0; sweep < q->sweeps && fine && !hit; sweep++) {
        *done = sweep + 1;
        for (int r = 0; r < q->replicas && !hit; r++)
            for (int k = 0; k < q->per && !hit; k++) {
                double before = replica[r].total;
                one_move(q, &replica[r], q->temperature[r], rng, &own);
                if (replica[r].total != before && better(&replica[r], best)) {
                    copy_state(q, best, &replica[r]);
                    hit = best->miss <= 0;
                }
            }
        for (int r = 0; r + 1 < q->replicas && !hit; r++) {
            double gap = (1.0 / q->temperature[r] - 1.0 / q->temperature[r + 1]) *
                         (replica[r].total - replica[r + 1].total);
            if (uniform(rng) < exp(gap < 0 ? gap : 0.0)) {
                State swap = replica[r];
                replica[r] = replica[r + 1];
                replica[r + 1] = swap;
            }
        }
    }
    free(own.energy);
    free(own.missed);
    free(own.touched);
    return fine;
}

static int fill(const Problem *q, State *s, const double *x, const int32_t *event,
                const int32_t *order) {
    int n = q->n, parts = q->terms + q->pairs + q->marks;
    memcpy(s->x, x, sizeof(double) * (size_t)n * q->columns);
    memcpy(s->event, event, sizeof(int32_t) * (size_t)n * q->endpoints);
    memcpy(s->order, order, sizeof(int32_t) * (size_t)n * q->endpoints);
    for (int e = 0; e < q->endpoints; e++)
        for (int r = 0; r < n; r++) {
            if (order[e * n + r] < 0 || order[e * n + r] >= n) return 0;
            s->rank[e * n + order[e * n + r]] = r;
        }
    s->total = s->miss = 0.0;
    for (int k = 0; k < parts; k++) {
        s->energy[k] = part(q, s, k, &s->missed[k]);
        s->total += s->energy[k];
        s->miss += s->missed[k];
    }
    return 1;
}

static int right_sizes(const Problem *q, const Py_buffer *b) {
    size_t n = q->n, d = sizeof(double), i = sizeof(int32_t);
    size_t want[16] = {0, d * n * q->columns, i * n * q->endpoints, i * n * q->endpoints,
        i * CARRIER * q->carriers, i * TERM * q->terms, d * KMAX * TARGET * q->terms,
        i * 2 * q->pairs, d * n * q->endpoints, d * MARK * q->marks, i * 2 * q->moves,
        d * q->moves, d * q->replicas, 4 * sizeof(uint64_t), i * q->columns,
        i * 2 * q->endpoints};
    for (int k = 1; k < 16; k++)
        if ((size_t)b[k].len < want[k]) return 0;
    for (int t = 0; t < q->terms; t++) {
        const int32_t *term = q->term + t * TERM;
        if (term[0] < 0 || term[0] >= q->endpoints || term[1] < 1 || term[1] > KMAX) return 0;
        for (int k = 0; k < term[1]; k++)
            if (term[2 + k] < 0 || term[2 + k] >= q->columns) return 0;
    }
    return n >= 2 && n <= 4096 && q->moves >= 1 && q->endpoints >= 1;
}

static PyObject *py_temper(PyObject *self, PyObject *args) {
    (void)self;
    Py_buffer b[16];
    double weight;
    int taken = 0;
    PyObject *objects[16], *answer = NULL;
    if (!PyArg_ParseTuple(args, "OOOOOOOOOOOOOOOOd", objects, objects + 1, objects + 2, objects + 3,
                          objects + 4, objects + 5, objects + 6, objects + 7, objects + 8,
                          objects + 9, objects + 10, objects + 11, objects + 12, objects + 13,
                          objects + 14, objects + 15, &weight))
        return NULL;
    for (; taken < 16; taken++) {
        int write = taken == 1 || taken == 2 || taken == 3 || taken == 13;
        if (PyObject_GetBuffer(objects[taken], &b[taken],
                               PyBUF_C_CONTIGUOUS | (write ? PyBUF_WRITABLE : 0)) < 0)
            goto done;
    }
    {
        const int32_t *dims = b[0].buf;
        if (b[0].len < (Py_ssize_t)(11 * sizeof(int32_t))) goto wrong;
        Problem q = {dims[0], dims[1], dims[2], dims[3], dims[4], dims[5], dims[6], dims[7], dims[8],
                     dims[9], dims[10], b[4].buf, b[5].buf, b[7].buf, b[10].buf, b[14].buf, b[15].buf, b[6].buf,
                     b[8].buf, b[9].buf, b[11].buf, b[12].buf, weight};
        if (!right_sizes(&q, b)) goto wrong;
        State *replica = calloc(q.replicas + 1, sizeof(State)), *best;
        int fine = replica != NULL, sweeps = 0;
        for (int r = 0; fine && r <= q.replicas; r++)
            fine = allocate(&q, &replica[r]) && fill(&q, &replica[r], b[1].buf, b[2].buf, b[3].buf);
        if (fine) {
            best = &replica[q.replicas];
            Py_BEGIN_ALLOW_THREADS
            fine = temper(&q, replica, best, b[13].buf, &sweeps);
            Py_END_ALLOW_THREADS
            memcpy(b[1].buf, best->x, sizeof(double) * (size_t)q.n * q.columns);
            memcpy(b[2].buf, best->event, sizeof(int32_t) * (size_t)q.n * q.endpoints);
            memcpy(b[3].buf, best->order, sizeof(int32_t) * (size_t)q.n * q.endpoints);
            answer = Py_BuildValue("ddi", best->total, best->miss, sweeps);
        } else
            PyErr_NoMemory();
        for (int r = 0; replica && r <= q.replicas; r++) release(&replica[r]);
        free(replica);
        goto done;
    }
wrong:
    PyErr_SetString(PyExc_ValueError, "the arrays of the search do not fit each other");
done:
    for (int k = 0; k < taken; k++) PyBuffer_Release(&b[k]);
    return answer;
}

static PyMethodDef methods[] = {
    {"temper", py_temper, METH_VARARGS, "Parallel tempering; see oncohort.twin.search."},
    {NULL, NULL, 0, NULL}};

static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "_search", NULL, -1, methods,
                                    NULL, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit__search(void) {
    PyObject *made = PyModule_Create(&module);
    if (made && PyModule_AddIntConstant(made, "VERSION", 5) < 0) {
        Py_DECREF(made);
        return NULL;
    }
    return made;
}
