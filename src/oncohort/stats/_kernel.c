/* The compiled twin of _cox/design.py, terms.py and newton.py: same algebra, same names.
 *
 * C99 on the buffer protocol and the stable ABI; no numpy headers. On x86-64 the numeric loops are
 * built twice, with AVX2 and FMA and without, and the processor decides at load time; elsewhere
 * the compiler's vector types become whatever the platform has. Work is cut into tasks
 * of whole event times; partial sums are added in task order, so results do not depend on the
 * number of threads.
 */
#define _DEFAULT_SOURCE /* madvise */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <math.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#if defined(__linux__)
#include <sys/mman.h>
#endif

#define INLINE static inline __attribute__((always_inline))

typedef double v4 __attribute__((vector_size(32)));
typedef int64_t v4i __attribute__((vector_size(32)));
typedef double v4u __attribute__((vector_size(32), aligned(8)));

#define PANEL 64
#define MAX_TASKS 64
#define TASK_ROWS 2048

typedef int64_t i64;

typedef struct {
    const double *x; /* m x p, with 4 zeros after the end: the last row's vector loads touch them */
    i64 m, p, G, S;
    const i64 *gptr, *dptr, *deaths, *sptr;
    const double *weight, *offset; /* m or NULL */
    const i64 *leave, *gone, *gone_ptr; /* or NULL */
    int efron;
    int threads;
    const double *carry; /* 1 + p or NULL: S0 and S1 of rows before these, of the first stratum */
} Design;


/* Memory in large pages where the system has them: new memory costs more than what is done with it. */
static void *much(size_t bytes)
{
    void *memory = malloc(bytes);
#if defined(MADV_HUGEPAGE)
    enum { PAGE = 4096, LARGE = 1 << 22 };
    if (memory && bytes >= LARGE) {
        const uintptr_t begin = ((uintptr_t)memory + PAGE - 1) & ~(uintptr_t)(PAGE - 1);
        madvise((void *)begin, bytes - (size_t)(begin - (uintptr_t)memory), MADV_HUGEPAGE);
    }
#endif
    return memory;
}

/* ---------------------------------------------------------------- small vector helpers */

INLINE v4 load(const double *p) { return *(const v4u *)p; }
INLINE void store(double *p, v4 v) { *(v4u *)p = v; }
INLINE v4 splat(double a) { return (v4){a, a, a, a}; }

INLINE v4 vexp(v4 x)
{
    const v4 lo = splat(-708.0), hi = splat(709.7);
    v4i m = x < lo;
    x = (v4)(((v4i)lo & m) | ((v4i)x & ~m));
    m = x > hi;
    x = (v4)(((v4i)hi & m) | ((v4i)x & ~m));
    const v4 magic = splat(6755399441055744.0); /* 1.5 * 2^52: rounds to an integer */
    v4 t = x * splat(1.4426950408889634) + magic;
    v4 n = t - magic;
    v4 r = x - n * splat(0x1.62e42fefa3800p-1); /* ln 2 in two parts; the first is exact times n */
    r = r - n * splat(0x1.ef35793c76730p-45);
    v4 q = splat(1.0 / 6227020800.0);
    q = q * r + splat(1.0 / 479001600.0);
    q = q * r + splat(1.0 / 39916800.0);
    q = q * r + splat(1.0 / 3628800.0);
    q = q * r + splat(1.0 / 362880.0);
    q = q * r + splat(1.0 / 40320.0);
    q = q * r + splat(1.0 / 5040.0);
    q = q * r + splat(1.0 / 720.0);
    q = q * r + splat(1.0 / 120.0);
    q = q * r + splat(1.0 / 24.0);
    q = q * r + splat(1.0 / 6.0);
    q = q * r + splat(0.5);
    q = q * r + splat(1.0);
    q = q * r + splat(1.0);
    v4i bits = (v4i)t << 52; /* the integer stands in the low bits of t */
    return (v4)((v4i)q + bits);
}

/* Upper triangle (4 x 4 blocks) of G += sum_i c_i z_i z_i'. z: k rows of stride zs, zc = c z of
 * stride ld; G of stride ld = 4 nv. */
INLINE void tile(double *G, i64 ld, const double *z, i64 zs, const double *zc, i64 k, i64 a, i64 j,
                 const int width)
{
    v4 s[4][3];
    for (int u = 0; u < 4; u++)
        for (int v = 0; v < width; v++) s[u][v] = splat(0.0);
    for (i64 i = 0; i < k; i++) {
        const double *zi = z + i * zs + j, *ci = zc + i * ld + a;
        v4 y[3];
        for (int v = 0; v < width; v++) y[v] = load(zi + 4 * v);
        for (int u = 0; u < 4; u++) {
            const v4 c = splat(ci[u]);
            for (int v = 0; v < width; v++) s[u][v] += c * y[v];
        }
    }
    for (int u = 0; u < 4; u++)
        for (int v = 0; v < width; v++) {
            double *g = G + (a + u) * ld + j + 4 * v;
            store(g, load(g) + s[u][v]);
        }
}

INLINE void gram_body(double *G, i64 nv, const double *z, i64 zs, const double *zc, i64 k)
{
    const i64 ld = 4 * nv;
    for (i64 a = 0; a < nv; a++) {
        i64 j = a, left = nv - a;
        while (left > 4 || left == 3) {
            tile(G, ld, z, zs, zc, k, 4 * a, 4 * j, 3);
            j += 3;
            left -= 3;
        }
        while (left >= 2) {
            tile(G, ld, z, zs, zc, k, 4 * a, 4 * j, 2);
            j += 2;
            left -= 2;
        }
        if (left) tile(G, ld, z, zs, zc, k, 4 * a, 4 * j, 1);
    }
}

/* Sums over rows keep up to WIDE vectors of columns in registers; more columns take more turns. */
#define WIDE 6
#define IN_PARTS(nv, call)                                                                        \
    for (i64 j0 = 0; j0 < (nv); j0 += WIDE) {                                                     \
        const i64 j = 4 * j0;                                                                     \
        switch ((nv) - j0 < WIDE ? (nv) - j0 : WIDE) {                                            \
        case 1: call(1); break;                                                                   \
        case 2: call(2); break;                                                                   \
        case 3: call(3); break;                                                                   \
        case 4: call(4); break;                                                                   \
        case 5: call(5); break;                                                                   \
        default: call(6); break;                                                                  \
        }                                                                                         \
    }

INLINE void scale_part(double *zc, i64 ld, const double *z, i64 zs, const double *c, i64 k,
                       double *total, const int width)
{
    v4 t[WIDE];
    for (int v = 0; v < width; v++) t[v] = total ? load(total + 4 * v) : splat(0.0);
    for (i64 i = 0; i < k; i++) {
        const v4 ci = splat(c[i]);
        for (int v = 0; v < width; v++) {
            const v4 y = ci * load(z + i * zs + 4 * v);
            store(zc + i * ld + 4 * v, y);
            t[v] += y;
        }
    }
    for (int v = 0; total && v < width; v++) store(total + 4 * v, t[v]);
}

/* zc = c z (stride ld = 4 nv), and total += sum of zc. */
INLINE void scale_rows_body(double *zc, i64 nv, const double *z, i64 zs, const double *c, i64 k,
                            double *total)
{
#define CALL(width)                                                                               \
    scale_part(zc + j, 4 * nv, z + j, zs, c, k, total ? total + j : NULL, width)
    IN_PARTS(nv, CALL)
#undef CALL
}

INLINE void add_part(double *s, const double *x, i64 p, const double *w, i64 k, const int width)
{
    v4 t[WIDE];
    for (int v = 0; v < width; v++) t[v] = load(s + 4 * v);
    for (i64 i = 0; i < k; i++) {
        const v4 wi = splat(w[i]);
        for (int v = 0; v < width; v++) t[v] += wi * load(x + i * p + 4 * v);
    }
    for (int v = 0; v < width; v++) store(s + 4 * v, t[v]);
}

/* s += w_i x_i over k rows. */
INLINE void add_rows_body(double *s, i64 nv, const double *x, i64 p, const double *w, i64 k)
{
#define CALL(width) add_part(s + j, x + j, p, w, k, width)
    IN_PARTS(nv, CALL)
#undef CALL
}

INLINE void walk_part(double *s, double *z, i64 ld, const double *x, i64 p, const double *w,
                      const unsigned char *ends, i64 k, const int width)
{
    v4 t[WIDE];
    for (int v = 0; v < width; v++) t[v] = load(s + 4 * v);
    for (i64 i = 0; i < k; i++) {
        const v4 wi = splat(w[i]);
        for (int v = 0; v < width; v++) {
            t[v] += wi * load(x + i * p + 4 * v);
            store(z + 4 * v, t[v]);
        }
        z += ends[i] ? ld : 0; /* what is not the end of a group is written over */
    }
    for (int v = 0; v < width; v++) store(s + 4 * v, t[v]);
}

/* s += w_i x_i over k rows; its value at the end of each group goes to z, one row each. */
INLINE void walk_body(double *s, i64 nv, double *z, const double *x, i64 p, const double *w,
                      const unsigned char *ends, i64 k)
{
#define CALL(width) walk_part(s + j, z + j, 4 * nv, x + j, p, w, ends, k, width)
    IN_PARTS(nv, CALL)
#undef CALL
}

INLINE void dot_part(double *e, const double *x, i64 p, const double *b, i64 k, const int width)
{
    v4 c[WIDE];
    for (int v = 0; v < width; v++) c[v] = load(b + 4 * v);
    for (i64 i = 0; i < k; i++) {
        v4 t = load(x + i * p) * c[0];
        for (int v = 1; v < width; v++) t += load(x + i * p + 4 * v) * c[v];
        e[i] += (t[0] + t[2]) + (t[1] + t[3]);
    }
}

/* eta = X b (+ offset); w = weight * exp(eta); xw += sum of w x. b is padded to nv * 4. */
INLINE void risk_scores_body(const double *x, i64 p, i64 rows, const double *b,
                               const double *offset, const double *weight, double *w, double *xw)
{
    const i64 nv = (p + 3) / 4;
    double e[PANEL + 4];
    for (i64 r0 = 0; r0 < rows; r0 += PANEL) {
        const i64 k = rows - r0 < PANEL ? rows - r0 : PANEL;
        const double *row = x + r0 * p;
        for (i64 i = 0; i < k; i++) e[i] = 0.0;
#define CALL(width) dot_part(e, row + j, p, b + j, k, width)
        IN_PARTS(nv, CALL)
#undef CALL
        for (i64 i = k; i < ((k + 3) & ~(i64)3); i++) e[i] = 0.0;
        if (offset)
            for (i64 i = 0; i < k; i++) e[i] += offset[r0 + i];
        for (i64 i = 0; i < k; i += 4) store(e + i, vexp(load(e + i)));
        if (weight)
            for (i64 i = 0; i < k; i++) e[i] *= weight[r0 + i];
        memcpy(w + r0, e, (size_t)k * sizeof(double));
        add_rows_body(xw, nv, x + r0 * p, p, e, k);
    }
}

/* The five numeric loops, in two builds where the platform has two. */
#if defined(__x86_64__)
#define AVX2 __attribute__((target("avx2,fma")))
#define TWO_BUILDS(name, parameters, arguments)                                                   \
    AVX2 static void name##_avx2 parameters { name##_body arguments; }                            \
    static void name##_baseline parameters { name##_body arguments; }                             \
    static void(*name) parameters = name##_baseline;
#else
#define TWO_BUILDS(name, parameters, arguments)                                                   \
    static void name parameters { name##_body arguments; }
#endif

TWO_BUILDS(risk_scores,
           (const double *x, i64 p, i64 rows, const double *b, const double *offset,
            const double *weight, double *w, double *xw),
           (x, p, rows, b, offset, weight, w, xw))
TWO_BUILDS(gram,
           (double *G, i64 nv, const double *z, i64 zs, const double *zc, i64 k),
           (G, nv, z, zs, zc, k))
TWO_BUILDS(scale_rows,
           (double *zc, i64 nv, const double *z, i64 zs, const double *c, i64 k, double *total),
           (zc, nv, z, zs, c, k, total))
TWO_BUILDS(add_rows,
           (double *s, i64 nv, const double *x, i64 p, const double *w, i64 k),
           (s, nv, x, p, w, k))

TWO_BUILDS(walk,
           (double *s, i64 nv, double *z, const double *x, i64 p, const double *w,
            const unsigned char *ends, i64 k),
           (s, nv, z, x, p, w, ends, k))

static const char *instructions = "baseline";

static void choose_instructions(void)
{
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
        risk_scores = risk_scores_avx2;
        gram = gram_avx2;
        scale_rows = scale_rows_avx2;
        add_rows = add_rows_avx2;
        walk = walk_avx2;
        instructions = "avx2";
    }
#endif
}

/* ---------------------------------------------------------------- tasks and threads */

typedef struct {
    i64 g0, g1; /* groups */
    double s0_total, h_total, loglik; /* what the task hands to the next ones */
    int has_start; /* a stratum starts inside (S0, S1 before it need the carry) */
    i64 first_start, last_start; /* first and last group that starts a stratum, if any */
    double s0_carry;
    double *xw, *s1; /* 4 nv: sum of w x after the last stratum start; carry of S1 */
    double *score, *info;
} Task;

typedef struct Work {
    const Design *d;
    const double *beta;
    double *w, *s0, *h;
    unsigned char *ends; /* m: the row is the last of its group */
    Task *tasks;
    i64 count;
    double *pool; /* per-thread scratch */
    i64 pool_size;
    void (*phase)(struct Work *, Task *, double *scratch);
    i64 next, done; /* tasks handed out, tasks finished */
    int stop;
    pthread_mutex_t lock;
    pthread_cond_t start, finished;
} Work;

#define MAX_THREADS 16

typedef struct {
    Work *work;
    double *scratch;
} Worker;

/* Take tasks of the present phase until there are none; the lock is held on entry and exit. */
static void take_tasks(Work *k, double *scratch)
{
    while (k->next < k->count) {
        Task *t = k->tasks + k->next++;
        pthread_mutex_unlock(&k->lock);
        k->phase(k, t, scratch);
        pthread_mutex_lock(&k->lock);
        if (++k->done == k->count) pthread_cond_signal(&k->finished);
    }
}

static void *run_worker(void *argument)
{
    Worker *me = argument;
    Work *k = me->work;
    pthread_mutex_lock(&k->lock);
    while (!k->stop) {
        take_tasks(k, me->scratch);
        if (!k->stop) pthread_cond_wait(&k->start, &k->lock);
    }
    pthread_mutex_unlock(&k->lock);
    return NULL;
}

/* Every task once. This thread works too, and waits for tasks begun elsewhere, not for threads
 * that a busy machine has not let run. */
static void run_phase(Work *k, void (*phase)(Work *, Task *, double *))
{
    pthread_mutex_lock(&k->lock);
    k->phase = phase;
    k->next = k->done = 0;
    pthread_cond_broadcast(&k->start);
    take_tasks(k, k->pool);
    while (k->done < k->count) pthread_cond_wait(&k->finished, &k->lock);
    pthread_mutex_unlock(&k->lock);
}

static i64 lower_bound(const i64 *a, i64 n, i64 value)
{
    i64 lo = 0;
    while (n > 0) {
        const i64 half = n / 2;
        if (a[lo + half] < value) {
            lo += half + 1;
            n -= half + 1;
        } else
            n = half;
    }
    return lo;
}

/* Position in sptr of the first stratum that starts at group g or later; one that goes on from
 * the rows before does not start here. */
static i64 first_start_from(const Design *d, i64 g)
{
    const i64 s = lower_bound(d->sptr, d->S + 1, g);
    return d->carry && s == 0 ? 1 : s;
}

/* ---------------------------------------------------------------- the three phases */

/* 1. w; S0 local to the task; sums after the last stratum start. */
static void phase_scores(Work *k, Task *t, double *scratch)
{
    const Design *d = k->d;
    const i64 nv = (d->p + 3) / 4, ld = 4 * nv;
    memset(t->xw, 0, (size_t)ld * sizeof(double));
    const i64 cut = t->has_start ? d->gptr[t->last_start] : d->gptr[t->g0];
    const i64 r0 = d->gptr[t->g0], r1 = d->gptr[t->g1];
    double *unused = scratch;
    memset(unused, 0, (size_t)ld * sizeof(double));
#define PART(a, b, sums)                                                                          \
    risk_scores(d->x + (a) * d->p, d->p, (b) - (a), k->beta, d->offset ? d->offset + (a) : NULL,  \
                d->weight ? d->weight + (a) : NULL, k->w + (a), sums)
    if (cut > r0) PART(r0, cut, unused);
    PART(cut, r1, t->xw);
#undef PART
}

/* 1b. With entries: rows that have not entered are taken off; else only S0. */
static void phase_sums(Work *k, Task *t, double *scratch)
{
    const Design *d = k->d;
    (void)scratch;
    const i64 nv = (d->p + 3) / 4;
    double s = 0.0;
    i64 next = first_start_from(d, t->g0);
    for (i64 g = t->g0; g < t->g1;) {
        if (d->sptr[next] == g) {
            s = 0.0;
            next++;
        }
        const i64 stop = d->sptr[next] < t->g1 ? d->sptr[next] : t->g1;
        if (d->leave)
            for (; g < stop; g++) {
                for (i64 r = d->gptr[g]; r < d->gptr[g + 1]; r++) s += k->w[r];
                for (i64 i = d->gone_ptr[g]; i < d->gone_ptr[g + 1]; i++) s -= k->w[d->gone[i]];
                k->s0[g] = s;
            }
        else
            for (i64 r = d->gptr[g], end = d->gptr[stop]; r < end; r++) {
                s += k->w[r];
                k->s0[g] = s;
                g += k->ends[r];
            }
    }
    t->s0_total = s;
    if (d->leave) {
        const i64 from = t->has_start ? t->last_start : t->g0;
        for (i64 i = d->gone_ptr[from]; i < d->gone_ptr[t->g1]; i++) {
            const i64 r = d->gone[i];
            const double minus = -k->w[r];
            add_rows(t->xw, nv, d->x + r * d->p, d->p, &minus, 1);
        }
    }
}

typedef struct {
    double a1, b1, a2, b2, c2, log;
} Tie;

/* Sums over the tied deaths of one group; `log` is the log-likelihood's part if asked for. */
INLINE Tie tie_sums(const Design *d, const double *w, i64 g, double s0, int want_log)
{
    Tie t = {0, 0, 0, 0, 0, 0};
    const i64 dead = d->deaths[g], r1 = d->gptr[g + 1], r0 = r1 - (d->dptr[g + 1] - d->dptr[g]);
    double total = (double)dead;
    if (d->weight) {
        total = 0.0;
        for (i64 r = r0; r < r1; r++) total += d->weight[r];
    }
    if (!d->efron || dead == 1) {
        const double inv = 1.0 / s0;
        t.a1 = total * inv;
        t.a2 = t.a1 * inv;
        if (want_log) t.log = total * log(s0);
        return t;
    }
    double d0 = 0.0;
    for (i64 r = r0; r < r1; r++) d0 += w[r];
    const double mean = total / (double)dead, part = 1.0 / (double)dead;
    double product = 1.0;
    for (i64 l = 0; l < dead; l++) {
        const double f = (double)l * part, phi = s0 - f * d0, inv = 1.0 / phi, sq = inv * inv;
        t.a1 += inv;
        t.b1 += f * inv;
        t.a2 += sq;
        t.b2 += f * sq;
        t.c2 += f * f * sq;
        if (want_log) {
            product *= phi;
            if (!(product < 1e150 && product > 1e-150)) {
                t.log += log(product / phi) + log(phi);
                product = 1.0;
            }
        }
    }
    if (want_log) t.log = mean * (t.log + log(product));
    t.a1 *= mean;
    t.b1 *= mean;
    t.a2 *= mean;
    t.b2 *= mean;
    t.c2 *= mean;
    return t;
}

/* 2. Finish S0 with the carry; log-likelihood; H local to the task, from its last group back. */
static void phase_hazard(Work *k, Task *t, double *scratch)
{
    const Design *d = k->d;
    (void)scratch;
    const i64 carried = t->has_start ? t->first_start : t->g1;
    if (t->s0_carry != 0.0)
        for (i64 g = t->g0; g < carried; g++) k->s0[g] += t->s0_carry;
    double sum = 0.0, product = 1.0, h = 0.0;
    /* first stratum boundary at or after g1, walking down */
    i64 edge = lower_bound(d->sptr, d->S + 1, t->g1);
    for (i64 g = t->g1 - 1; g >= t->g0; g--) {
        if (edge >= 0 && d->sptr[edge] == g + 1) {
            h = 0.0;
        }
        while (edge > 0 && d->sptr[edge] > g) edge--;
        const double s0 = k->s0[g];
        if (d->deaths[g] == 1 && !d->weight) {
            h += 1.0 / s0;
            product *= s0;
            if (!(product < 1e150 && product > 1e-150)) {
                sum += log(product / s0) + log(s0);
                product = 1.0;
            }
        } else {
            const Tie tie = tie_sums(d, k->w, g, s0, 1);
            h += tie.a1;
            sum += tie.log;
        }
        k->h[g] = h;
    }
    t->h_total = h;
    t->loglik = -(sum + log(product));
}

/* 3. Score and information. Rows go through in panels; within a panel, in runs that no stratum
 * start and no leaving row interrupts. The risk sets' sums wait in `z` for their own Gram matrix. */
typedef struct {
    const Work *k;
    Task *t;
    i64 nv, base, filled, run; /* rows: first of the panel, in it, of those walked */
    double *s1, *c, *zc, *z, *coefficient;
    unsigned char ends[PANEL];
    i64 ended[PANEL], count; /* groups that end in the run */
    i64 waiting;             /* rows of z */
    Tie tie;
    i64 tie_group;
} Moments;

INLINE int is_tied(const Design *d, i64 g) { return d->efron && d->deaths[g] > 1; }

static void tie_of(Moments *m, i64 g)
{
    if (m->tie_group == g) return;
    m->tie = tie_sums(m->k->d, m->k->w, g, m->k->s0[g], 0);
    m->tie_group = g;
}

static void walk_run(Moments *m)
{
    const Work *k = m->k;
    const Design *d = k->d;
    const i64 p = d->p, nv = m->nv, ld = 4 * nv, r = m->base + m->run;
    if (m->filled == m->run) return;
    double *z = m->z + m->waiting * ld, *c = m->coefficient + m->waiting;
    walk(m->s1, nv, z, d->x + r * p, p, k->w + r, m->ends + m->run, m->filled - m->run);
    i64 n = m->count;
    for (i64 q = 0; q < m->count; q++) {
        const i64 g = m->ended[q];
        if (!is_tied(d, g)) {
            double total = (double)d->deaths[g];
            if (d->weight) {
                total = 0.0;
                for (i64 i = d->dptr[g + 1] - d->dptr[g]; i > 0; i--)
                    total += d->weight[d->gptr[g + 1] - i];
            }
            c[q] = -total / (k->s0[g] * k->s0[g]);
            continue;
        }
        tie_of(m, g);
        const i64 dead = d->dptr[g + 1] - d->dptr[g], first = d->gptr[g + 1] - dead;
        const double ratio = m->tie.b2 / m->tie.a2;
        double *d1 = z + n * ld, *own = z + q * ld;
        memset(d1, 0, (size_t)ld * sizeof(double));
        add_rows(d1, nv, d->x + first * p, p, k->w + first, dead);
        for (i64 j = 0; j < ld; j++) own[j] -= ratio * d1[j];
        c[q] = -m->tie.a2;
        c[n++] = -(m->tie.c2 - m->tie.b2 * ratio);
    }
    m->waiting += n;
    m->count = 0;
    m->run = m->filled;
}

static void flush(Moments *m, i64 least)
{
    const i64 nv = m->nv, ld = 4 * nv;
    i64 at = 0;
    while (m->waiting - at >= least && m->waiting > at) {
        const i64 n = m->waiting - at < PANEL ? m->waiting - at : PANEL;
        scale_rows(m->zc, nv, m->z + at * ld, ld, m->coefficient + at, n, NULL);
        gram(m->t->info, nv, m->z + at * ld, ld, m->zc, n);
        at += n;
    }
    if (!at) return;
    m->waiting -= at;
    memmove(m->z, m->z + at * ld, (size_t)(m->waiting * ld) * sizeof(double));
    memmove(m->coefficient, m->coefficient + at, (size_t)m->waiting * sizeof(double));
}

static void end_panel(Moments *m)
{
    const Design *d = m->k->d;
    walk_run(m);
    flush(m, PANEL);
    const double *x = d->x + m->base * d->p;
    scale_rows(m->zc, m->nv, x, d->p, m->c, m->filled, m->t->score);
    gram(m->t->info, m->nv, x, d->p, m->zc, m->filled);
    m->base += m->filled;
    m->filled = m->run = 0;
}

static void phase_moments(Work *k, Task *t, double *scratch)
{
    const Design *d = k->d;
    const i64 p = d->p, nv = (p + 3) / 4, ld = 4 * nv;
    Moments m = {.k = k, .t = t, .nv = nv, .base = d->gptr[t->g0], .tie_group = -1};
    m.s1 = scratch;
    m.c = m.s1 + ld;
    m.coefficient = m.c + PANEL;
    m.zc = m.coefficient + 3 * PANEL + 1;
    m.z = m.zc + PANEL * ld;
    memcpy(m.s1, t->s1, (size_t)ld * sizeof(double));
    memset(t->score, 0, (size_t)ld * sizeof(double));
    memset(t->info, 0, (size_t)(ld * ld) * sizeof(double));
    i64 next = first_start_from(d, t->g0), r = m.base, g = t->g0;
    const i64 last = d->gptr[t->g1];
    int fresh = 1; /* row r begins group g */
    while (r < last) {
        if (fresh && d->sptr[next] == g) {
            walk_run(&m);
            memset(m.s1, 0, (size_t)ld * sizeof(double));
            next++;
        }
        if (fresh && d->leave && d->gone_ptr[g] < d->gone_ptr[g + 1]) {
            walk_run(&m);
            for (i64 i = d->gone_ptr[g]; i < d->gone_ptr[g + 1]; i++) {
                const i64 row = d->gone[i];
                const double minus = -k->w[row];
                add_rows(m.s1, nv, d->x + row * p, p, &minus, 1);
            }
        }
        /* Rows up to the panel's end; with entries or at a stratum's end, of one group. */
        i64 stop = last - r < PANEL - m.filled ? last : r + PANEL - m.filled;
        const i64 edge = d->leave ? d->gptr[g + 1] : d->gptr[d->sptr[next]];
        if (stop > edge) stop = edge;
        const i64 from = m.filled - r;
        const i64 first_group = g;
        for (; r < stop; r++) {
            const unsigned char end = k->ends[r];
            m.c[from + r] = k->w[r] * k->h[g];
            m.ends[from + r] = end;
            m.ended[m.count] = g;
            m.count += end;
            g += end;
        }
        fresh = k->ends[stop - 1];
        if (d->leave)
            for (i64 i = m.filled; i < from + stop; i++) {
                const i64 q = d->leave[m.base + i];
                if (q < d->sptr[next]) m.c[i] -= k->w[m.base + i] * k->h[q];
            }
        if (d->efron)
            for (i64 q = first_group; q < g + !fresh; q++) {
                if (!is_tied(d, q)) continue;
                i64 i = d->gptr[q + 1] - (d->dptr[q + 1] - d->dptr[q]);
                i64 n = d->gptr[q + 1] < stop ? d->gptr[q + 1] : stop;
                if (i < m.base + m.filled) i = m.base + m.filled;
                if (i >= n) continue;
                tie_of(&m, q);
                for (; i < n; i++) m.c[i - m.base] -= k->w[i] * m.tie.b1;
            }
        m.filled = stop - m.base;
        if (m.filled == PANEL) end_panel(&m);
    }
    end_panel(&m);
    flush(&m, 1);
}

/* Sum of weight * x and weight * offset over the deaths: the observed part. */
static void observed(const Design *d, double *xd, double *od)
{
    const i64 nv = (d->p + 3) / 4;
    memset(xd, 0, (size_t)(4 * nv) * sizeof(double));
    *od = 0.0;
    const double one = 1.0;
    for (i64 g = 0; g < d->G; g++) {
        const i64 r1 = d->gptr[g + 1];
        for (i64 r = r1 - (d->dptr[g + 1] - d->dptr[g]); r < r1; r++) {
            const double *weight = d->weight ? d->weight + r : &one;
            add_rows(xd, nv, d->x + r * d->p, d->p, weight, 1);
            if (d->offset) *od += *weight * d->offset[r];
        }
    }
}

/* Everything a series of evaluations needs; one allocation. */
typedef struct {
    Work work;
    double *memory, *beta, *xd;
    double od;
    pthread_t ids[MAX_THREADS];
    Worker workers[MAX_THREADS];
    int started;
} Engine;

static int engine_open(Engine *e, const Design *d)
{
    const i64 nv = (d->p + 3) / 4, ld = 4 * nv;
    memset(e, 0, sizeof(*e));
    i64 count = (d->m + TASK_ROWS - 1) / TASK_ROWS;
    if (count > MAX_TASKS) count = MAX_TASKS;
    if (count > d->G) count = d->G;
    if (count < 1) count = 1;
    const int threads = d->threads < 1             ? 1
                        : d->threads > MAX_THREADS ? MAX_THREADS
                                                   : d->threads;
    const i64 pool = 2 * ld + 4 * PANEL + 4 * PANEL * ld + 2 * ld + 16;
    const i64 per_task = 3 * ld + ld * ld;
    const i64 total = d->m + d->m / 8 + 16 + 2 * d->G + threads * pool + count * per_task + 2 * ld + 16;
    e->memory = much((size_t)total * sizeof(double));
    e->work.tasks = calloc((size_t)count, sizeof(Task));
    if (!e->memory || !e->work.tasks) {
        free(e->memory);
        free(e->work.tasks);
        return -1;
    }
    double *at = e->memory;
    Work *k = &e->work;
    k->d = d;
    k->w = at, at += d->m + 8;
    k->ends = (unsigned char *)at, at += d->m / 8 + 8;
    memset(k->ends, 0, (size_t)d->m);
    for (i64 g = 0; g < d->G; g++) k->ends[d->gptr[g + 1] - 1] = 1;
    k->s0 = at, at += d->G;
    k->h = at, at += d->G;
    k->pool = at, k->pool_size = pool, at += threads * pool;
    e->beta = at, at += ld;
    e->xd = at, at += ld;
    i64 used = 0, g = 0;
    for (i64 i = 0; i < count && g < d->G; i++) {
        Task *t = k->tasks + used;
        i64 end = i + 1 == count ? d->G : lower_bound(d->gptr, d->G, (d->m / count) * (i + 1));
        if (end <= g) continue;
        t->g0 = g;
        t->g1 = end;
        g = end;
        const i64 s = first_start_from(d, t->g0);
        if (s < d->S && d->sptr[s] < t->g1) {
            t->has_start = 1;
            t->first_start = d->sptr[s];
            t->last_start = d->sptr[lower_bound(d->sptr, d->S, t->g1) - 1];
        }
        t->xw = at, at += ld;
        t->s1 = at, at += ld;
        t->score = at, at += ld;
        t->info = at, at += ld * ld;
        used++;
    }
    k->count = used;
    observed(d, e->xd, &e->od);
    pthread_mutex_init(&k->lock, NULL);
    pthread_cond_init(&k->start, NULL);
    pthread_cond_init(&k->finished, NULL);
    k->next = k->count; /* nothing to do yet */
    for (int i = 1; i < threads && i < used; i++) {
        Worker *w = e->workers + e->started;
        *w = (Worker){k, k->pool + i * pool};
        if (pthread_create(&e->ids[e->started], NULL, run_worker, w)) break;
        e->started++;
    }
    return 0;
}

static void engine_close(Engine *e)
{
    Work *k = &e->work;
    pthread_mutex_lock(&k->lock);
    k->stop = 1;
    pthread_cond_broadcast(&k->start);
    pthread_mutex_unlock(&k->lock);
    for (int i = 0; i < e->started; i++) pthread_join(e->ids[i], NULL);
    pthread_cond_destroy(&k->start);
    pthread_cond_destroy(&k->finished);
    pthread_mutex_destroy(&k->lock);
    free(e->memory);
    free(e->work.tasks);
}

/* Log-likelihood, score (p) and information (p x p) at beta (p); only the hazard where they are NULL. */
static double evaluate(Engine *e, const double *beta, double *score, double *info)
{
    Work *k = &e->work;
    const Design *d = k->d;
    const i64 p = d->p, ld = 4 * ((p + 3) / 4);
    memset(e->beta, 0, (size_t)ld * sizeof(double));
    memcpy(e->beta, beta, (size_t)p * sizeof(double));
    k->beta = e->beta;
    run_phase(k, phase_scores);
    run_phase(k, phase_sums);
    double s0 = d->carry ? d->carry[0] : 0.0;
    for (i64 i = 0; i < k->count; i++) {
        Task *t = k->tasks + i;
        t->s0_carry = s0;
        if (i == 0) {
            memset(t->s1, 0, (size_t)ld * sizeof(double));
            if (d->carry) memcpy(t->s1, d->carry + 1, (size_t)p * sizeof(double));
        }
        s0 = t->has_start ? t->s0_total : s0 + t->s0_total;
        if (i + 1 < k->count) {
            double *next = t[1].s1;
            for (i64 j = 0; j < ld; j++) next[j] = t->xw[j] + (t->has_start ? 0.0 : t->s1[j]);
        }
    }
    run_phase(k, phase_hazard);
    double loglik = e->od, h = 0.0;
    for (i64 j = 0; j < p; j++) loglik += beta[j] * e->xd[j];
    for (i64 i = k->count - 1; i >= 0; i--) {
        Task *t = k->tasks + i;
        /* the last stratum of this task goes on in the next one unless one starts there */
        const int goes_on = i + 1 < k->count && !(t[1].has_start && t[1].first_start == t[1].g0);
        const double carry = goes_on ? h : 0.0;
        const i64 from = t->has_start ? t->last_start : t->g0;
        if (carry != 0.0)
            for (i64 g = from; g < t->g1; g++) k->h[g] += carry;
        h = k->h[t->g0];
        loglik += t->loglik;
    }
    if (!score) return loglik;
    run_phase(k, phase_moments);
    memset(info, 0, (size_t)(p * p) * sizeof(double));
    for (i64 j = 0; j < p; j++) score[j] = e->xd[j];
    for (i64 i = 0; i < k->count; i++) {
        const Task *t = k->tasks + i;
        for (i64 a = 0; a < p; a++) {
            score[a] -= t->score[a];
            for (i64 b = a; b < p; b++) info[a * p + b] += t->info[a * ld + b];
        }
    }
    for (i64 a = 0; a < p; a++)
        for (i64 b = 0; b < a; b++) info[a * p + b] = info[b * p + a];
    return loglik;
}

/* ---------------------------------------------------------------- Newton's method */

#define ALIASED 1e-11
#define DIVERGING 1e-2
#define VANISHED 1e-7

typedef struct {
    double *beta, *score0, *info0, *score, *info; /* p, p, p*p, p, p*p: given by the caller */
    unsigned char *aliased, *diverging;           /* p */
    double loglik0, loglik;
    int iterations, converged, stopped;
} Fit;

/* Columns whose information vanishes after the columns before them; see _newton.find_aliased. */
static void find_aliased(i64 p, const double *info, const double *scale, unsigned char *aliased,
                         double *rest)
{
    double total = 0.0;
    for (i64 j = 0; j < p; j++) {
        const double s = scale[j] > 0 ? scale[j] * scale[j] : 1.0;
        if (info[j * p + j] / s > total) total = info[j * p + j] / s;
    }
    for (i64 j = 0; j < p; j++)
        aliased[j] = !(info[j * p + j] > 1e-12 * total * scale[j] * scale[j]) || scale[j] == 0.0;
    for (i64 a = 0; a < p; a++)
        for (i64 b = 0; b < p; b++)
            rest[a * p + b] = aliased[a] || aliased[b]
                                  ? 0.0
                                  : info[a * p + b] / sqrt(info[a * p + a] * info[b * p + b]);
    for (i64 j = 0; j < p; j++) {
        const double pivot = rest[j * p + j];
        if (aliased[j] || !(pivot > ALIASED)) {
            aliased[j] = 1;
            continue;
        }
        for (i64 a = j + 1; a < p; a++) {
            const double f = rest[a * p + j] / pivot;
            if (f == 0.0) continue;
            for (i64 b = j + 1; b < p; b++) rest[a * p + b] -= f * rest[j * p + b];
        }
    }
}

/* Cholesky factor l of the free part of info in correlation form, d its scales. The factor's
 * diagonal is 0 for a column that is fixed or whose pivot is not positive. */
static void factor(i64 p, const double *info, const unsigned char *fixed, double *l, double *d)
{
    for (i64 a = 0; a < p; a++) d[a] = info[a * p + a] > 0 ? sqrt(info[a * p + a]) : 1.0;
    for (i64 a = 0; a < p; a++) {
        l[a * p + a] = 0.0;
        if (fixed[a]) continue;
        for (i64 b = 0; b <= a; b++) {
            if (b < a && l[b * p + b] == 0.0) {
                l[a * p + b] = 0.0;
                continue;
            }
            double s = info[a * p + b] / (d[a] * d[b]);
            for (i64 c = 0; c < b; c++) s -= l[a * p + c] * l[b * p + c];
            if (b < a)
                l[a * p + b] = s / l[b * p + b];
            else
                l[a * p + a] = s > 1e-15 ? sqrt(s) : 0.0;
        }
    }
}

/* out = info^-1 right with the factor of info; 0 where the factor's diagonal is. */
static void back(i64 p, const double *l, const double *d, const double *right, double *out)
{
    for (i64 a = 0; a < p; a++) {
        out[a] = 0.0;
        if (l[a * p + a] == 0.0) continue;
        double y = right[a] / d[a];
        for (i64 c = 0; c < a; c++)
            if (out[c] != 0.0) y -= l[a * p + c] * out[c];
        out[a] = y / l[a * p + a];
    }
    for (i64 a = p - 1; a >= 0; a--) {
        if (l[a * p + a] == 0.0) continue;
        double y = out[a];
        for (i64 c = a + 1; c < p; c++)
            if (out[c] != 0.0) y -= l[c * p + a] * out[c];
        out[a] = y / l[a * p + a];
    }
    for (i64 a = 0; a < p; a++) out[a] /= d[a];
}

/* out = info^-1 over free columns, not-a-number in the others; work: p * p + 3 p. */
static void invert(i64 p, const double *info, const unsigned char *fixed, double *out, double *work)
{
    double *l = work, *d = l + p * p, *unit = d + p, *column = unit + p;
    factor(p, info, fixed, l, d);
    memset(unit, 0, (size_t)p * sizeof(double));
    for (i64 j = 0; j < p; j++) {
        unit[j] = 1.0;
        back(p, l, d, unit, column);
        for (i64 a = 0; a <= j; a++)
            out[j * p + a] = out[a * p + j] =
                l[a * p + a] == 0.0 || l[j * p + j] == 0.0 ? NAN : column[a];
        unit[j] = 0.0;
    }
}

static int is_finite(double v) { return v - v == 0.0; }

/* `pause` is called between evaluations and says whether to stop. Returns -1 without memory. */
static int newton(Engine *e, const double *scale, int max_iterations, double decrement, Fit *f,
                  int (*pause)(void *), void *argument)
{
    const Design *d = e->work.d;
    const i64 p = d->p;
    double *memory = malloc((size_t)(p * p + 4 * p + 1) * sizeof(double));
    if (!memory) return -1;
    double *l = memory, *step = l + p * p, *diag = step + p, *trial = diag + p;
    double events = 0.0;
    for (i64 g = 0; g < d->G; g++) events += (double)d->deaths[g];
    events *= decrement * 1e9;  /* in units of the mean weight of an event */
    memset(f->beta, 0, (size_t)p * sizeof(double));
    memset(f->diverging, 0, (size_t)p);
    f->iterations = f->converged = f->stopped = 0;
    f->loglik = f->loglik0 = evaluate(e, f->beta, f->score, f->info);
    memcpy(f->score0, f->score, (size_t)p * sizeof(double));
    memcpy(f->info0, f->info, (size_t)(p * p) * sizeof(double));
    find_aliased(p, f->info, scale, f->aliased, l);
    int any = 0;
    for (i64 j = 0; j < p; j++) any |= !f->aliased[j];
    if (!any) {
        f->converged = 1;
        free(memory);
        return 0;
    }
    memset(step, 0, (size_t)p * sizeof(double));
    int failed = 0, done = 0;
    while (!done && f->iterations < max_iterations) {
        f->iterations++;
        factor(p, f->info, f->aliased, l, diag);
        back(p, l, diag, f->score, step);
        double dec = 0.0;
        for (i64 j = 0; j < p; j++) dec += step[j] * f->score[j];
        done = fabs(dec) < decrement;
        if (done && fabs(dec) < 1e-18 * events && d->m * p > 1000000) {
            /* So close that score and information at the next point are known from this one
             * (to about 1e-9): a pass over much data is saved. */
            for (i64 j = 0; j < p; j++) f->beta[j] += step[j];
            f->loglik += 0.5 * dec;
            for (i64 a = 0; a < p; a++)
                for (i64 b = 0; b < p; b++) f->score[a] -= f->info[a * p + b] * step[b];
            break;
        }
        if (pause && pause(argument)) {
            f->stopped = 1;
            break;
        }
        double value = 0.0;
        int ok = 0;
        for (int half = 0; half < 41 && !ok; half++) {
            if (half)
                for (i64 j = 0; j < p; j++) step[j] *= 0.5;
            for (i64 j = 0; j < p; j++) trial[j] = f->beta[j] + step[j];
            value = evaluate(e, trial, f->score, f->info);
            ok = is_finite(value) && value >= f->loglik - (decrement + 1e-9 * fabs(f->loglik));
        }
        if (!ok) {
            failed = 1;
            break;
        }
        memcpy(f->beta, trial, (size_t)p * sizeof(double));
        f->loglik = value;
    }
    if (!failed && !f->stopped) {
        f->converged = done;
        for (i64 j = 0; j < p; j++)
            if (!f->aliased[j] && (fabs(step[j]) * scale[j] > DIVERGING ||
                                   f->info[j * p + j] <= VANISHED * f->info0[j * p + j] ||
                                   l[j * p + j] == 0.0)) {
                f->diverging[j] = 1;
                f->converged = 0;
            }
    }
    free(memory);
    return 0;
}

/* ---------------------------------------------------------------- sorting */

static uint64_t descending(double t)
{
    uint64_t u;
    t += 0.0; /* one zero */
    memcpy(&u, &t, sizeof u);
    u ^= (u >> 63) ? ~(uint64_t)0 : (uint64_t)1 << 63;
    return ~u;
}

typedef struct {
    uint64_t key;
    i64 row;
} Pair;

enum { BITS = 11, SIZE = 1 << BITS, DIGITS = 3 };

/* One stable pass by the digit at `shift` of each key less `least`. */
static void by_digit(const Pair *from, Pair *to, i64 n, uint64_t least, int shift, i64 *count)
{
    i64 sum = 0;
    for (int v = 0; v < SIZE; v++) {
        const i64 c = count[v];
        count[v] = sum;
        sum += c;
    }
    for (i64 i = 0; i < n; i++) to[count[((from[i].key - least) >> shift) & (SIZE - 1)]++] = from[i];
}

/* Stable insertion sort of what is nearly sorted; gives up after so many moves. */
static int insertion(Pair *a, i64 n, i64 moves)
{
    for (i64 i = 1; i < n; i++) {
        const Pair v = a[i];
        i64 j = i;
        for (; j > 0 && a[j - 1].key > v.key; j--) a[j] = a[j - 1];
        a[j] = v;
        moves -= i - j;
        if (moves < 0) return 0;
    }
    return 1;
}

/* Stable radix sort by the highest 33 bits in which keys differ. What then stands in the wrong order
 * has the same 33 bits, so it is near its place; where that is too much, all bits are sorted by. */
static int radix(Pair *a, i64 n, Pair **result, Pair *b)
{
    *result = a;
    if (n <= 200) {
        insertion(a, n, n * n);
        return 0;
    }
    uint64_t least = a[0].key, most = a[0].key;
    for (i64 i = 1; i < n; i++) {
        least = a[i].key < least ? a[i].key : least;
        most = a[i].key > most ? a[i].key : most;
    }
    int bits = 0;
    while (bits < 64 && (most - least) >> bits) bits++;
    int low = bits > BITS * DIGITS ? bits - BITS * DIGITS : 0;
    i64(*count)[SIZE] = malloc(DIGITS * sizeof(*count));
    if (!count) return -1;
    for (int from = low, turn = 0; turn < 3; turn++) {
        memset(count, 0, DIGITS * sizeof(*count));
        for (i64 i = 0; i < n; i++)
            for (int k = 0; k < DIGITS; k++)
                count[k][((a[i].key - least) >> from >> (BITS * k)) & (SIZE - 1)]++;
        for (int k = 0; k < DIGITS && from + BITS * k < bits; k++) {
            by_digit(a, b, n, least, from + BITS * k, count[k]);
            Pair *swap = a;
            a = b;
            b = swap;
        }
        if (turn == 0) {
            if (!low || insertion(a, n, 4 * n)) break;
            from = 0; /* from the lowest bit, then from where that ended */
        } else
            from += BITS * DIGITS;
        if (from >= bits) break;
    }
    free(count);
    *result = a;
    return 0;
}

/* Rows by stratum, time descending, and (if event is given) events last; stable. */
static int sort_rows(i64 n, const i64 *subset, const double *time, const unsigned char *event,
                     const i64 *strata, i64 *order)
{
    Pair *memory = much((size_t)(2 * n + 1) * sizeof(Pair));
    if (!memory) return -1;
    Pair *a = memory, *b = memory + n, *sorted = a;
    i64 at = 0;
    for (int pass = 0; pass < 2; pass++)
        for (i64 i = 0; i < n; i++) {
            const i64 row = subset ? subset[i] : i;
            const int last = event && event[row];
            if (last == pass) a[at++] = (Pair){descending(time[row]), i};
        }
    int bad = radix(a, n, &sorted, b);
    if (!bad && strata) {
        Pair *other = sorted == a ? b : a;
        for (i64 i = 0; i < n; i++) {
            const i64 row = subset ? subset[sorted[i].row] : sorted[i].row;
            sorted[i].key = (uint64_t)strata[row];
        }
        bad = radix(sorted, n, &sorted, other);
    }
    for (i64 i = 0; !bad && i < n; i++) order[i] = sorted[i].row;
    free(memory);
    return bad;
}

/* Rows by time descending, events last, then by row; `ascending` orders them by time alone. */
static int compare_rows(const void *a, const void *b)
{
    const i64 x = *(const i64 *)a, y = *(const i64 *)b;
    return (x > y) - (x < y);
}

static void sort_few(i64 *a, i64 n)
{
    if (n > 16) {
        qsort(a, (size_t)n, sizeof(i64), compare_rows);
        return;
    }
    for (i64 i = 1; i < n; i++) {
        const i64 v = a[i];
        i64 j = i;
        for (; j > 0 && a[j - 1] > v; j--) a[j] = a[j - 1];
        a[j] = v;
    }
}

/* Rows by time, equal times by row. Returns whether some differ by so little that they are one (see
 * times.py: tolerance), or -1 without memory. */
static int ascend(i64 n, const double *time, i64 *order)
{
    Pair *memory = much((size_t)(2 * n + 1) * sizeof(Pair)), *sorted = memory;
    if (!memory) return -1;
    for (i64 i = 0; i < n; i++) memory[i] = (Pair){~descending(time[i]), i};
    if (radix(memory, n, &sorted, memory + n)) {
        free(memory);
        return -1;
    }
    double sum = 0.0, before = 0.0, least = INFINITY;
    i64 distinct = 0;
    for (i64 i = 0; i < n; i++) {
        const uint64_t key = sorted[i].key;
        const uint64_t u = key >> 63 ? key ^ (uint64_t)1 << 63 : ~key;
        double t;
        memcpy(&t, &u, sizeof t);
        order[i] = sorted[i].row;
        if (i && t == before) continue;
        if (i && t - before < least) least = t - before;
        sum += fabs(t);
        distinct++;
        before = t;
    }
    free(memory);
    const double mean = distinct ? sum / (double)distinct : 1.0;
    /* A little more than the tolerance: who asks for the order looks again. */
    return least <= 1.4901161193847656e-08 * (1.0 + 1e-9) * (mean > 1.0 ? mean : 1.0);
}

static void arrange(i64 n, const i64 *ascending, const double *time, const unsigned char *event,
                    i64 *order)
{
    i64 at = 0, stop = n;
    while (stop > 0) {
        i64 start = stop - 1;
        const double t = time[ascending[start]];
        while (start > 0 && time[ascending[start - 1]] == t) start--;
        if (stop - start == 1) {
            order[at++] = ascending[start];
        } else {
            const i64 first = at;
            for (i64 i = start; i < stop; i++)
                if (!event[ascending[i]]) order[at++] = ascending[i];
            const i64 dead = at;
            for (i64 i = start; i < stop; i++)
                if (event[ascending[i]]) order[at++] = ascending[i];
            sort_few(order + first, dead - first);
            sort_few(order + dead, at - dead);
        }
        stop = start;
    }
}

/* ---------------------------------------------------------------- counts at distinct times */

static double time_of(uint64_t key, int bits)
{
    const uint64_t u = (key >> bits) << (bits - 1);
    double t;
    memcpy(&t, &u, sizeof t);
    return t;
}

/* Sorted keys (see _counts.tally): gap up to which neighbours are one time, and how many times
 * there are then. */
static i64 tally_size(i64 n, const uint64_t *key, int bits, double *limit)
{
    double sum = 0.0, before = -1.0;
    i64 distinct = 0, joined = 0;
    for (i64 i = 0; i < n; i++) {
        const double t = time_of(key[i], bits);
        if (t != before) {
            sum += t;
            distinct++;
        }
        before = t;
    }
    const double mean = distinct ? sum / (double)distinct : 1.0;
    *limit = 1.4901161193847656e-08 * (mean > 1.0 ? mean : 1.0);
    for (i64 i = 0; i < n; i++) {
        const double t = time_of(key[i], bits);
        joined += i == 0 || t - before > *limit;
        before = t;
    }
    return joined;
}

/* times, at_risk: k; counts: levels x k, rows of each code at each time. */
static void tally(i64 n, const uint64_t *key, int bits, double limit, i64 k, double *times,
                  double *at_risk, double *counts, i64 levels)
{
    const uint64_t mask = ((uint64_t)1 << bits) - 1;
    double before = 0.0;
    i64 at = -1;
    for (i64 i = 0; i < n; i++) {
        const double t = time_of(key[i], bits);
        if (i == 0 || t - before > limit) {
            times[++at] = t;
            at_risk[at] = (double)(n - i);
            for (i64 v = 0; v < levels; v++) counts[v * k + at] = 0.0;
        }
        counts[(i64)(key[i] & mask) * k + at] += 1.0;
        before = t;
    }
}

/* Keys whose codes are 2 group + event: observed and expected events of each group, and the
 * hypergeometric covariance (groups x groups). work: 2 groups. */
static void logrank(i64 n, const uint64_t *key, int bits, double limit, i64 groups, double *observed,
                    double *expected, double *covariance, double *work)
{
    const uint64_t mask = ((uint64_t)1 << bits) - 1;
    double *left = work, *gone = work + groups, total = (double)n;
    for (i64 v = 0; v < groups; v++) left[v] = gone[v] = observed[v] = expected[v] = 0.0;
    for (i64 v = 0; v < groups * groups; v++) covariance[v] = 0.0;
    for (i64 i = 0; i < n; i++) {
        left[(key[i] & mask) >> 1] += 1.0;
        if (key[i] & 1) observed[(key[i] & mask) >> 1] += 1.0;
    }
    double before = 0.0;
    for (i64 start = 0, stop; start < n; start = stop) {
        double d = 0.0;
        before = time_of(key[start], bits);
        for (stop = start; stop < n; stop++) {
            const double t = time_of(key[stop], bits);
            if (t - before > limit) break;
            const i64 v = (i64)((key[stop] & mask) >> 1);
            gone[v] += 1.0;
            d += (double)(key[stop] & 1);
            before = t;
        }
        if (d > 0) {
            const double each = d / total, spread = total > 1 ? each * (total - d) / (total - 1) : 0;
            for (i64 v = 0; v < groups; v++) {
                const double share = left[v] / total;
                expected[v] += left[v] * each;
                covariance[v * groups + v] += left[v] * spread;
                for (i64 u = 0; u <= v; u++) covariance[v * groups + u] -= left[u] * spread * share;
            }
        }
        for (i64 v = 0; v < groups; v++) {
            left[v] -= gone[v];
            gone[v] = 0.0;
        }
        total -= (double)(stop - start);
    }
    for (i64 v = 0; v < groups; v++)
        for (i64 u = 0; u < v; u++) covariance[u * groups + v] = covariance[v * groups + u];
}

/* Kaplan-Meier estimate and Greenwood's standard error; not-a-number once the curve is at 0. */
static void product_limit(i64 k, const double *at_risk, const double *events, double *survival,
                          double *se)
{
    double s = 1.0, g = 0.0;
    for (i64 i = 0; i < k; i++) {
        const double n = at_risk[i], d = events[i];
        if (d > 0) {
            const double left = n - d;
            s *= n > 0 ? left / n : 1.0;
            g += d / (n * left);
        }
        survival[i] = s;
        se[i] = s <= 0 ? NAN : s * sqrt(g);
    }
}

/* ---------------------------------------------------------------- grouping (see _cox/design.py) */

typedef struct {
    i64 rows, groups, strata, deaths;
} Sizes;

typedef struct {
    i64 *rows, *gptr, *deaths, *dptr, *death_rows, *sptr, *stratum;
    double *times;
} Filled;

/* Counts when `f` is NULL, fills otherwise. */
static Sizes group_rows(i64 n, const i64 *order, const double *time, const unsigned char *event,
                        const i64 *strata, Filled *f)
{
    Sizes s = {0, 0, 0, 0};
    i64 start = 0;
    while (start < n) {
        const i64 code = strata ? strata[order[start]] : 0;
        i64 stop = n, last = -1;
        if (strata)
            for (stop = start; stop < n && strata[order[stop]] == code;) stop++;
        for (i64 i = stop - 1; i >= start; i--)
            if (event[order[i]]) {
                last = i;
                break;
            }
        if (last >= 0) {
            if (f) f->sptr[s.strata] = s.groups;
            s.strata++;
            int open = 1; /* the next row begins a group */
            i64 dead = 0;
            for (i64 i = start; i <= last; i++) {
                const i64 row = order[i];
                if (f) {
                    if (open) {
                        f->gptr[s.groups] = s.rows;
                        f->dptr[s.groups] = s.deaths;
                        open = 0;
                    }
                    f->rows[s.rows] = row;
                }
                if (event[row]) {
                    if (f) f->death_rows[s.deaths] = s.rows;
                    s.deaths++;
                    dead++;
                    const int ends = i == last || !event[order[i + 1]] ||
                                     time[order[i + 1]] != time[row];
                    if (ends) {
                        if (f) {
                            f->deaths[s.groups] = dead;
                            f->times[s.groups] = time[row];
                            f->stratum[s.groups] = code;
                        }
                        s.groups++;
                        open = 1;
                        dead = 0;
                    }
                }
                s.rows++;
            }
        }
        start = stop;
    }
    if (f) {
        f->gptr[s.groups] = s.rows;
        f->dptr[s.groups] = s.deaths;
        f->sptr[s.strata] = s.groups;
    }
    return s;
}

/* The group at which each row leaves by its entry; returns how many rows do, or -1.
 * sorted: design rows by stratum and entry, descending. */
static i64 find_leave(const i64 *rows, const i64 *sorted, const double *entry,
                      const i64 *gptr, const i64 *sptr, i64 strata, const double *times,
                      i64 *leave, i64 *gone, i64 *gone_ptr)
{
    i64 at = 0, count = 0;
    for (i64 s = 0; s < strata; s++) {
        i64 g = sptr[s];
        const i64 end = sptr[s + 1], stop = gptr[end];
        gone_ptr[g] = count;
        for (; at < stop; at++) {
            const i64 r = sorted[at];
            const double e = entry[rows[r]];
            while (g < end && times[g] > e) {
                g++;
                if (g < end) gone_ptr[g] = count;
            }
            leave[r] = g;
            if (g < end) gone[count++] = r;
        }
        for (g++; g < end; g++) gone_ptr[g] = count;
    }
    gone_ptr[sptr[strata]] = count;
    return count;
}

/* ---------------------------------------------------------------- gathering rows */

typedef struct {
    const char *x;
    i64 n, p, row_step, column_step;
    const i64 *rows;
    i64 m;
    const double *center;
    double *out, *squares; /* m x p, p */
    i64 from, to;
} Gather;

static void *gather_part(void *argument)
{
    Gather *g = argument;
    const i64 p = g->p;
    const int packed = g->column_step == (i64)sizeof(double);
    for (i64 i = g->from; i < g->to; i++) {
        const char *row = g->x + g->rows[i] * g->row_step;
        double *out = g->out + i * p;
        if (packed) {
            if (i + 12 < g->to) {
                const char *ahead = g->x + g->rows[i + 12] * g->row_step;
                for (i64 b = 0; b < p * 8; b += 64) __builtin_prefetch(ahead + b);
            }
            const double *in = (const double *)row;
            for (i64 j = 0; j < p; j++) out[j] = in[j] - g->center[j];
        } else
            for (i64 j = 0; j < p; j++)
                out[j] = *(const double *)(row + j * g->column_step) - g->center[j];
        for (i64 j = 0; j < p; j++) g->squares[j] += out[j] * out[j];
    }
    return NULL;
}

/* Column means over all n rows, in blocks so that rounding stays small. */
static void column_means(const char *x, i64 n, i64 p, i64 row_step, i64 column_step, double *mean,
                         double *block)
{
    enum { ROWS = 1024 };
    for (i64 j = 0; j < p; j++) mean[j] = 0.0;
    if (column_step != (i64)sizeof(double) && row_step == (i64)sizeof(double)) {
        for (i64 j = 0; j < p; j++) {
            const double *column = (const double *)(x + j * column_step);
            for (i64 r0 = 0; r0 < n; r0 += ROWS) {
                double s = 0.0;
                for (i64 r = r0; r < n && r < r0 + ROWS; r++) s += column[r];
                mean[j] += s;
            }
        }
    } else
        for (i64 r0 = 0; r0 < n; r0 += ROWS) {
            for (i64 j = 0; j < p; j++) block[j] = 0.0;
            for (i64 r = r0; r < n && r < r0 + ROWS; r++)
                for (i64 j = 0; j < p; j++)
                    block[j] += *(const double *)(x + r * row_step + j * column_step);
            for (i64 j = 0; j < p; j++) mean[j] += block[j];
        }
    for (i64 j = 0; j < p && n; j++) mean[j] /= (double)n;
}

static int gather(Gather whole, int threads)
{
    if (whole.m < 20000) threads = 1;
    if (threads > 16) threads = 16;
    if (threads < 1) threads = 1;
    const i64 p = whole.p;
    double *squares = calloc((size_t)(threads * (p + 8)), sizeof(double));
    if (!squares) return -1;
    Gather parts[16];
    pthread_t ids[16];
    int running[16] = {0};
    for (int i = 0; i < threads; i++) {
        parts[i] = whole;
        parts[i].from = whole.m * i / threads;
        parts[i].to = whole.m * (i + 1) / threads;
        parts[i].squares = squares + i * (p + 8);
    }
    for (int i = 1; i < threads; i++)
        running[i] = !pthread_create(&ids[i], NULL, gather_part, &parts[i]);
    gather_part(&parts[0]);
    for (int i = 1; i < threads; i++) {
        if (running[i])
            pthread_join(ids[i], NULL);
        else
            gather_part(&parts[i]);
    }
    for (i64 j = 0; j < p; j++) {
        double s = 0.0;
        for (int i = 0; i < threads; i++) s += parts[i].squares[j];
        whole.squares[j] = s;
    }
    free(squares);
    return 0;
}

/* ---------------------------------------------------------------- columns */

/* Mean of n numbers, and their sum of squares about it; in blocks so that rounding stays small. */
static void column_moments(const double *column, i64 n, double *mean, double *squares)
{
    enum { ROWS = 1024 };
    double total = 0.0, square = 0.0;
    for (i64 r0 = 0; r0 < n; r0 += ROWS) {
        const i64 k = n - r0 < ROWS ? n - r0 : ROWS;
        v4 s[4] = {{0}, {0}, {0}, {0}};
        i64 r = 0;
        for (; r + 16 <= k; r += 16)
            for (int u = 0; u < 4; u++) s[u] += load(column + r0 + r + 4 * u);
        const v4 t = (s[0] + s[1]) + (s[2] + s[3]);
        double part = (t[0] + t[2]) + (t[1] + t[3]);
        for (; r < k; r++) part += column[r0 + r];
        total += part;
    }
    const double m = n ? total / (double)n : 0.0;
    for (i64 r0 = 0; r0 < n; r0 += ROWS) {
        const i64 k = n - r0 < ROWS ? n - r0 : ROWS;
        v4 s[4] = {{0}, {0}, {0}, {0}};
        i64 r = 0;
        for (; r + 16 <= k; r += 16)
            for (int u = 0; u < 4; u++) {
                const v4 away = load(column + r0 + r + 4 * u) - splat(m);
                s[u] += away * away;
            }
        const v4 t = (s[0] + s[1]) + (s[2] + s[3]);
        double part = (t[0] + t[2]) + (t[1] + t[3]);
        for (; r < k; r++) part += (column[r0 + r] - m) * (column[r0 + r] - m);
        square += part;
    }
    *mean = m;
    *squares = square;
}

/* out[places[i], j] = columns[j][rows[i]] - center[j]; a row whose place is negative has none. */
static void place_rows(i64 n, i64 p, const double *const *columns, const int32_t *rows,
                       const i64 *places, const double *center, double *out)
{
    for (i64 i = 0; i < n; i++) {
        if (i + 16 < n && places[i + 16] >= 0) {
            const char *ahead = (const char *)(out + places[i + 16] * p);
            for (i64 b = 0; b < p * 8; b += 64) __builtin_prefetch(ahead + b, 1);
        }
        if (places[i] < 0) continue;
        double *row = out + places[i] * p;
        for (i64 j = 0; j < p; j++) row[j] = columns[j][rows[i]] - center[j];
    }
}

/* ---------------------------------------------------------------- bootstrap */

typedef struct {
    const Design *base;
    const int32_t *counts; /* B x m */
    i64 replicates;
    const double *scale;
    double *beta, *se, *loglik; /* B x p, B x p, B x 2 */
    unsigned char *status;      /* B: 0 fitted, 1 separated or not settled, 2 no events, 3 aliased */
    int max_iterations;
    double decrement;
    i64 next;
    int failed;
    pthread_mutex_t lock;
} Stack;

static int replicate(const Stack *k, i64 b, double *real, i64 *whole)
{
    const Design *d = k->base;
    const i64 p = d->p, m = d->m;
    const int32_t *count = k->counts + b * m;
    double *x = real, *weight = x + m * p + 8, *offset = weight + m, *fit = offset + m;
    i64 *gptr = whole, *dptr = gptr + d->G + 1, *deaths = dptr + d->G + 1,
        *sptr = deaths + d->G + 1, *renumber = sptr + d->S + 2, *leave = renumber + d->G + 1,
        *gone = leave + m, *gone_ptr = gone + m, *position = gone_ptr + d->G + 2;
    i64 G = 0, S = 0, rows = 0, dead_rows = 0;
    for (i64 s = 0; s < d->S; s++) {
        const i64 first_group = G, first_row = rows;
        i64 begin = rows, kept_rows = rows;
        for (i64 g = d->sptr[s]; g < d->sptr[s + 1]; g++) {
            renumber[g] = G;
            const i64 r1 = d->gptr[g + 1], cut = r1 - (d->dptr[g + 1] - d->dptr[g]);
            i64 dead = 0;
            for (i64 r = d->gptr[g]; r < r1; r++) {
                if (!count[r]) continue;
                if (r >= cut && !dead) {
                    gptr[G] = begin;
                    dptr[G] = dead_rows;
                }
                position[rows] = r;
                memcpy(x + rows * p, d->x + r * p, (size_t)p * sizeof(double));
                weight[rows] = (d->weight ? d->weight[r] : 1.0) * count[r];
                offset[rows] = d->offset ? d->offset[r] : 0.0;
                rows++;
                if (r >= cut) {
                    dead += count[r];
                    dead_rows++;
                }
            }
            if (dead) {
                deaths[G++] = dead;
                begin = kept_rows = rows;
            }
        }
        rows = kept_rows; /* censored before the stratum's first death */
        if (G == first_group)
            rows = first_row;
        else
            sptr[S++] = first_group;
    }
    memset(x + rows * p, 0, 4 * sizeof(double));
    gptr[G] = rows;
    dptr[G] = dead_rows;
    sptr[S] = G;
    double *beta = k->beta + b * p, *se = k->se + b * p;
    if (!G) {
        for (i64 j = 0; j < p; j++) beta[j] = se[j] = NAN;
        k->loglik[2 * b] = k->loglik[2 * b + 1] = 0.0;
        k->status[b] = 2;
        return 0;
    }
    Design own = {x, rows, p, G, S, gptr, dptr, deaths, sptr, weight, d->offset ? offset : NULL,
                  NULL, NULL, NULL, d->efron, 1, NULL};
    if (d->leave) {
        i64 s = 0;
        memset(gone_ptr, 0, (size_t)(G + 2) * sizeof(i64));
        for (int pass = 0; pass < 2; pass++) {
            s = 0;
            i64 g = 0;
            for (i64 r = 0; r < rows; r++) {
                while (r >= gptr[g + 1]) g++;
                while (g >= sptr[s + 1]) s++;
                const i64 old = d->leave[position[r]];
                i64 to = old < d->G ? renumber[old] : G;
                if (to > sptr[s + 1]) to = sptr[s + 1];
                leave[r] = to;
                if (to >= sptr[s + 1]) continue;
                if (!pass)
                    gone_ptr[to + 1]++;
                else
                    gone[gone_ptr[to]++] = r;
            }
            if (!pass)
                for (i64 i = 0; i < G; i++) gone_ptr[i + 1] += gone_ptr[i];
        }
        for (i64 i = G; i > 0; i--) gone_ptr[i] = gone_ptr[i - 1];
        gone_ptr[0] = 0;
        own.leave = leave;
        own.gone = gone;
        own.gone_ptr = gone_ptr;
    }
    double *score0 = fit, *info0 = score0 + p, *score = info0 + p * p, *info = score + p,
           *work = info + p * p;
    unsigned char *aliased = (unsigned char *)(work + 3 * p + p * p + 8), *diverging = aliased + p;
    Fit f = {beta, score0, info0, score, info, aliased, diverging, 0, 0, 0, 0, 0};
    Engine e;
    if (engine_open(&e, &own)) return -1;
    const int bad = newton(&e, k->scale, k->max_iterations, k->decrement, &f, NULL, NULL);
    engine_close(&e);
    if (bad) return -1;
    int any = 0;
    for (i64 j = 0; j < p; j++) any |= aliased[j];
    k->status[b] = !f.converged ? 1 : any ? 3 : 0;
    k->loglik[2 * b] = f.loglik0;
    k->loglik[2 * b + 1] = f.loglik;
    invert(p, info, aliased, info0, work);
    for (i64 j = 0; j < p; j++) {
        se[j] = sqrt(info0[j * p + j]);
        if (aliased[j]) beta[j] = NAN;
    }
    return 0;
}

static void *run_stack(void *argument)
{
    Stack *k = argument;
    const Design *d = k->base;
    const i64 p = d->p;
    double *real = malloc((size_t)(d->m * (p + 2) + 8 + 3 * p * p + 8 * p + 64) * sizeof(double));
    i64 *whole = malloc((size_t)(5 * d->G + d->S + 3 * d->m + 64) * sizeof(i64));
    for (;;) {
        pthread_mutex_lock(&k->lock);
        const i64 from = k->next;
        k->next += 16;
        if (!real || !whole) k->failed = 1;
        const int stop = k->failed;
        pthread_mutex_unlock(&k->lock);
        if (stop || from >= k->replicates) break;
        for (i64 b = from; b < from + 16 && b < k->replicates; b++)
            if (replicate(k, b, real, whole)) k->failed = 1;
    }
    free(real);
    free(whole);
    return NULL;
}

/* ---------------------------------------------------------------- Python */

typedef struct {
    Py_buffer view[16];
    int count;
} Held;

static void release(Held *h)
{
    while (h->count) PyBuffer_Release(&h->view[--h->count]);
}

/* Contiguous memory of an array of `size`-byte items, or NULL for None. */
static void *hold(Held *h, PyObject *o, size_t size, int writable, i64 *length)
{
    if (length) *length = 0;
    if (o == Py_None) return NULL;
    Py_buffer *v = &h->view[h->count];
    if (PyObject_GetBuffer(o, v, PyBUF_C_CONTIGUOUS | (writable ? PyBUF_WRITABLE : 0))) return NULL;
    h->count++;
    if ((size_t)v->itemsize != size) {
        PyErr_Format(PyExc_TypeError, "expected items of %zu bytes, not %zd", size, v->itemsize);
        return NULL;
    }
    if (length) *length = v->len / (i64)size;
    return v->buf;
}

static int get_design(PyObject *tuple, Held *h, Design *d)
{
    PyObject *x, *gptr, *dptr, *deaths, *sptr, *weight, *offset, *leave, *gone, *gone_ptr;
    if (!PyTuple_Check(tuple)) {
        PyErr_SetString(PyExc_TypeError, "a design is a tuple");
        return -1;
    }
    if (!PyArg_ParseTuple(tuple, "OOOOOOOOOOpi", &x, &gptr, &dptr, &deaths, &sptr, &weight, &offset,
                          &leave, &gone, &gone_ptr, &d->efron, &d->threads))
        return -1;
    i64 size, lengths[4];
    d->carry = NULL;
    d->x = hold(h, x, 8, 0, &size);
    d->gptr = hold(h, gptr, 8, 0, &lengths[0]);
    d->dptr = hold(h, dptr, 8, 0, &lengths[1]);
    d->deaths = hold(h, deaths, 8, 0, &lengths[2]);
    d->sptr = hold(h, sptr, 8, 0, &lengths[3]);
    if (PyErr_Occurred()) return -1;
    d->weight = hold(h, weight, 8, 0, NULL);
    d->offset = hold(h, offset, 8, 0, NULL);
    d->leave = hold(h, leave, 8, 0, NULL);
    d->gone = hold(h, gone, 8, 0, NULL);
    d->gone_ptr = hold(h, gone_ptr, 8, 0, NULL);
    if (PyErr_Occurred()) return -1;
    d->G = lengths[0] - 1;
    d->S = lengths[3] - 1;
    if (d->G < 1 || lengths[1] != d->G + 1 || lengths[2] != d->G || d->S < 1) {
        PyErr_SetString(PyExc_ValueError, "a design without events, or with arrays that disagree");
        return -1;
    }
    d->m = d->gptr[d->G];
    if (d->m < 1 || size % d->m) {
        PyErr_SetString(PyExc_ValueError, "x and gptr disagree");
        return -1;
    }
    d->p = size / d->m;
    if (d->p < 1) {
        PyErr_SetString(PyExc_ValueError, "a design without covariates");
        return -1;
    }
    return 0;
}

static PyObject *py_evaluate(PyObject *self, PyObject *args)
{
    (void)self;
    PyObject *tuple, *beta, *score, *info, *carry, *hazard;
    Held h = {.count = 0};
    Design d;
    Engine e;
    double loglik = 0.0, head = 0.0;
    int bad;
    if (!PyArg_ParseTuple(args, "OOOOOO", &tuple, &beta, &score, &info, &carry, &hazard))
        return NULL;
    i64 nb, ns, ni, nc, nh;
    if (get_design(tuple, &h, &d)) goto fail;
    const double *b = hold(&h, beta, 8, 0, &nb);
    double *s = hold(&h, score, 8, 1, &ns), *i = hold(&h, info, 8, 1, &ni);
    d.carry = hold(&h, carry, 8, 0, &nc);
    double *cumulative = hold(&h, hazard, 8, 1, &nh);
    if (PyErr_Occurred()) goto fail;
    if ((cumulative && nh != d.G) || nb != d.p || (d.carry && nc != 1 + d.p) || !s != !i ||
        (s && (ns != d.p || ni != d.p * d.p))) {
        PyErr_SetString(PyExc_ValueError, "an array has the wrong size");
        goto fail;
    }
    Py_BEGIN_ALLOW_THREADS;
    bad = engine_open(&e, &d);
    if (!bad) {
        loglik = evaluate(&e, b, s, i);
        head = e.work.h[0];
        if (cumulative) memcpy(cumulative, e.work.h, (size_t)d.G * sizeof(double));
        engine_close(&e);
    }
    Py_END_ALLOW_THREADS;
    if (bad) {
        PyErr_NoMemory();
        goto fail;
    }
    release(&h);
    return Py_BuildValue("dd", loglik, head);
fail:
    release(&h);
    return NULL;
}

/* out: sum of w, of w x and (if it has room) of w x x', w = weight exp(x beta). x: with 4 numbers
 * after its end. */
static int weighted_sums(i64 n, i64 p, const double *x, const double *beta, const double *weight,
                         double *out, int second)
{
    const i64 nv = (p + 3) / 4, ld = 4 * nv;
    double *memory = calloc((size_t)(3 * ld + PANEL + PANEL * ld + ld * ld), sizeof(double));
    if (!memory) return -1;
    double *b = memory, *xw = b + ld, *w = xw + ld, *zc = w + PANEL, *info = zc + PANEL * ld;
    double s0 = 0.0;
    memcpy(b, beta, (size_t)p * sizeof(double));
    for (i64 r = 0; r < n; r += PANEL) {
        const i64 k = n - r < PANEL ? n - r : PANEL;
        risk_scores(x + r * p, p, k, b, NULL, weight ? weight + r : NULL, w, xw);
        for (i64 i = 0; i < k; i++) s0 += w[i];
        if (!second) continue;
        scale_rows(zc, nv, x + r * p, p, w, k, NULL);
        gram(info, nv, x + r * p, p, zc, k);
    }
    out[0] = s0;
    memcpy(out + 1, xw, (size_t)p * sizeof(double));
    for (i64 a = 0; second && a < p; a++)
        for (i64 c = 0; c < p; c++)
            out[1 + p + a * p + c] = info[(a < c ? a : c) * ld + (a < c ? c : a)];
    free(memory);
    return 0;
}

static PyObject *py_sums(PyObject *self, PyObject *args)
{
    (void)self;
    PyObject *x_, *beta_, *weight_, *out_;
    Held h = {.count = 0};
    i64 size, p, nw, no;
    int bad;
    if (!PyArg_ParseTuple(args, "OOOO", &x_, &beta_, &weight_, &out_)) return NULL;
    const double *x = hold(&h, x_, 8, 0, &size), *beta = hold(&h, beta_, 8, 0, &p);
    const double *weight = hold(&h, weight_, 8, 0, &nw);
    double *out = hold(&h, out_, 8, 1, &no);
    if (PyErr_Occurred()) goto fail;
    if (p < 1 || size % p || (weight && nw != size / p) || (no != 1 + p && no != 1 + p + p * p)) {
        PyErr_SetString(PyExc_ValueError, "arrays that disagree");
        goto fail;
    }
    Py_BEGIN_ALLOW_THREADS;
    bad = weighted_sums(size / p, p, x, beta, weight, out, no > 1 + p);
    Py_END_ALLOW_THREADS;
    if (bad) {
        PyErr_NoMemory();
        goto fail;
    }
    release(&h);
    Py_RETURN_NONE;
fail:
    release(&h);
    return NULL;
}

typedef struct {
    PyThreadState *state;
    i64 work; /* rows times columns: small fits don't look for signals */
} Pause;

static int look_for_signals(void *argument)
{
    Pause *p = argument;
    if (p->work < 200000) return 0;
    PyEval_RestoreThread(p->state);
    const int stop = PyErr_CheckSignals();
    p->state = PyEval_SaveThread();
    return stop;
}

static PyObject *py_newton(PyObject *self, PyObject *args)
{
    (void)self;
    PyObject *tuple, *scale_, *beta, *score0, *info0, *score, *info, *aliased, *diverging, *cov_;
    int max_iterations, bad;
    double decrement;
    Held h = {.count = 0};
    Held h2 = {.count = 0};
    Design d;
    Engine e;
    Fit f;
    if (!PyArg_ParseTuple(args, "OOidOOOOOOOO", &tuple, &scale_, &max_iterations, &decrement, &beta,
                          &score0, &info0, &score, &info, &aliased, &diverging, &cov_))
        return NULL;
    i64 n[9];
    memset(&f, 0, sizeof f);
    if (get_design(tuple, &h, &d)) goto fail;
    const double *scale = hold(&h2, scale_, 8, 0, &n[0]);
    f.beta = hold(&h2, beta, 8, 1, &n[1]);
    f.score0 = hold(&h2, score0, 8, 1, &n[2]);
    f.info0 = hold(&h2, info0, 8, 1, &n[3]);
    f.score = hold(&h2, score, 8, 1, &n[4]);
    f.info = hold(&h2, info, 8, 1, &n[5]);
    f.aliased = hold(&h2, aliased, 1, 1, &n[6]);
    f.diverging = hold(&h2, diverging, 1, 1, &n[7]);
    double *cov = hold(&h2, cov_, 8, 1, &n[8]);
    if (PyErr_Occurred()) goto fail;
    const i64 p = d.p;
    if (n[0] != p || n[1] != p || n[2] != p || n[3] != p * p || n[4] != p || n[5] != p * p ||
        n[6] != p || n[7] != p || n[8] != p * p) {
        PyErr_SetString(PyExc_ValueError, "an output has the wrong size");
        goto fail;
    }
    Pause pause = {PyEval_SaveThread(), d.m * d.p};
    bad = engine_open(&e, &d);
    if (!bad) {
        bad = newton(&e, scale, max_iterations, decrement, &f, look_for_signals, &pause);
        engine_close(&e);
        double *work = bad ? NULL : malloc((size_t)(p * p + 3 * p) * sizeof(double));
        if (work) invert(p, f.info, f.aliased, cov, work);
        bad |= !work;
        free(work);
    }
    PyEval_RestoreThread(pause.state);
    if (bad) {
        PyErr_NoMemory();
        goto fail;
    }
    if (f.stopped) goto fail;
    release(&h2);
    release(&h);
    return Py_BuildValue("ddiO", f.loglik0, f.loglik, f.iterations, f.converged ? Py_True : Py_False);
fail:
    release(&h2);
    release(&h);
    return NULL;
}

static PyObject *py_order(PyObject *self, PyObject *args)
{
    (void)self;
    PyObject *time_, *event_, *strata_, *subset_, *order_;
    Held h = {.count = 0};
    i64 n, nt;
    int bad;
    if (!PyArg_ParseTuple(args, "OOOOO", &time_, &event_, &strata_, &subset_, &order_)) return NULL;
    const double *time = hold(&h, time_, 8, 0, &nt);
    const unsigned char *event = hold(&h, event_, 1, 0, NULL);
    const i64 *strata = hold(&h, strata_, 8, 0, NULL);
    const i64 *subset = hold(&h, subset_, 8, 0, NULL);
    i64 *order = hold(&h, order_, 8, 1, &n);
    if (PyErr_Occurred()) goto fail;
    if (!subset && n != nt) {
        PyErr_SetString(PyExc_ValueError, "order and time differ in length");
        goto fail;
    }
    Py_BEGIN_ALLOW_THREADS;
    bad = sort_rows(n, subset, time, event, strata, order);
    Py_END_ALLOW_THREADS;
    if (bad) {
        PyErr_NoMemory();
        goto fail;
    }
    release(&h);
    Py_RETURN_NONE;
fail:
    release(&h);
    return NULL;
}

static PyObject *py_ascend(PyObject *self, PyObject *args)
{
    (void)self;
    PyObject *time_, *order_;
    Held h = {.count = 0};
    i64 n = 0, m = 0;
    int close = -1;
    if (!PyArg_ParseTuple(args, "OO", &time_, &order_)) return NULL;
    const double *time = hold(&h, time_, 8, 0, &n);
    i64 *order = time ? hold(&h, order_, 8, 1, &m) : NULL;
    if (PyErr_Occurred() || n != m) {
        if (!PyErr_Occurred()) PyErr_SetString(PyExc_ValueError, "arrays differ in length");
        release(&h);
        return NULL;
    }
    Py_BEGIN_ALLOW_THREADS;
    close = ascend(n, time, order);
    Py_END_ALLOW_THREADS;
    release(&h);
    return close < 0 ? PyErr_NoMemory() : PyBool_FromLong(close);
}

static PyObject *py_groups(PyObject *self, PyObject *args)
{
    (void)self;
    PyObject *order_, *time_, *event_, *strata_, *out = NULL;
    PyObject *rows_, *gptr_, *deaths_, *dptr_, *death_rows_, *sptr_, *times_, *stratum_;
    Held h = {.count = 0};
    i64 n;
    Sizes s;
    if (!PyArg_ParseTuple(args, "OOOOO", &order_, &time_, &event_, &strata_, &out)) return NULL;
    const i64 *order = hold(&h, order_, 8, 0, &n);
    const double *time = hold(&h, time_, 8, 0, NULL);
    const unsigned char *event = hold(&h, event_, 1, 0, NULL);
    const i64 *strata = hold(&h, strata_, 8, 0, NULL);
    if (PyErr_Occurred()) goto fail;
    Filled f, *fill = NULL;
    if (out != Py_None) {
        if (!PyArg_ParseTuple(out, "OOOOOOOO", &rows_, &gptr_, &deaths_, &dptr_, &death_rows_,
                              &sptr_, &times_, &stratum_))
            goto fail;
        f.rows = hold(&h, rows_, 8, 1, NULL);
        f.gptr = hold(&h, gptr_, 8, 1, NULL);
        f.deaths = hold(&h, deaths_, 8, 1, NULL);
        f.dptr = hold(&h, dptr_, 8, 1, NULL);
        f.death_rows = hold(&h, death_rows_, 8, 1, NULL);
        f.sptr = hold(&h, sptr_, 8, 1, NULL);
        f.times = hold(&h, times_, 8, 1, NULL);
        f.stratum = hold(&h, stratum_, 8, 1, NULL);
        if (PyErr_Occurred()) goto fail;
        fill = &f;
    }
    Py_BEGIN_ALLOW_THREADS;
    s = group_rows(n, order, time, event, strata, fill);
    Py_END_ALLOW_THREADS;
    release(&h);
    return Py_BuildValue("LLLL", (long long)s.rows, (long long)s.groups, (long long)s.strata,
                         (long long)s.deaths);
fail:
    release(&h);
    return NULL;
}

static PyObject *py_arrange(PyObject *self, PyObject *args)
{
    (void)self;
    PyObject *ascending_, *time_, *event_, *order_;
    Held h = {.count = 0};
    i64 n[4];
    if (!PyArg_ParseTuple(args, "OOOO", &ascending_, &time_, &event_, &order_)) return NULL;
    const i64 *ascending = hold(&h, ascending_, 8, 0, &n[0]);
    const double *time = hold(&h, time_, 8, 0, &n[1]);
    const unsigned char *event = hold(&h, event_, 1, 0, &n[2]);
    i64 *order = hold(&h, order_, 8, 1, &n[3]);
    if (PyErr_Occurred() || n[0] != n[1] || n[1] != n[2] || n[2] != n[3]) {
        if (!PyErr_Occurred()) PyErr_SetString(PyExc_ValueError, "arrays differ in length");
        release(&h);
        return NULL;
    }
    Py_BEGIN_ALLOW_THREADS;
    arrange(n[0], ascending, time, event, order);
    Py_END_ALLOW_THREADS;
    release(&h);
    Py_RETURN_NONE;
}

static PyObject *py_tally(PyObject *self, PyObject *args)
{
    (void)self;
    PyObject *key_, *times_, *at_risk_, *counts_;
    double limit;
    int bits;
    Held h = {.count = 0};
    i64 n, k = 0, r = 0, cells = 0;
    if (!PyArg_ParseTuple(args, "OidOOO", &key_, &bits, &limit, &times_, &at_risk_, &counts_))
        return NULL;
    const uint64_t *key = hold(&h, key_, 8, 0, &n);
    double *times = hold(&h, times_, 8, 1, &k), *at_risk = hold(&h, at_risk_, 8, 1, &r),
           *counts = hold(&h, counts_, 8, 1, &cells);
    if (PyErr_Occurred() || bits < 1 || (times && (!k || r != k || !cells || cells % k))) {
        if (!PyErr_Occurred()) PyErr_SetString(PyExc_ValueError, "arrays that disagree");
        release(&h);
        return NULL;
    }
    Py_BEGIN_ALLOW_THREADS;
    if (times)
        tally(n, key, bits, limit, k, times, at_risk, counts, cells / k);
    else
        k = tally_size(n, key, bits, &limit);
    Py_END_ALLOW_THREADS;
    release(&h);
    return Py_BuildValue("Ld", (long long)k, limit);
}

static PyObject *py_logrank(PyObject *self, PyObject *args)
{
    (void)self;
    PyObject *key_, *observed_, *expected_, *covariance_;
    double limit = 0.0, work[128];
    int bits;
    Held h = {.count = 0};
    i64 n, g, sizes[2];
    if (!PyArg_ParseTuple(args, "OiOOO", &key_, &bits, &observed_, &expected_, &covariance_))
        return NULL;
    const uint64_t *key = hold(&h, key_, 8, 0, &n);
    double *observed = hold(&h, observed_, 8, 1, &g), *expected = hold(&h, expected_, 8, 1, &sizes[0]),
           *covariance = hold(&h, covariance_, 8, 1, &sizes[1]);
    if (PyErr_Occurred() || g > 64 || bits < 1 || (i64)1 << bits < 2 * g || sizes[0] != g ||
        sizes[1] != g * g) {
        if (!PyErr_Occurred()) PyErr_SetString(PyExc_ValueError, "arrays that disagree");
        release(&h);
        return NULL;
    }
    Py_BEGIN_ALLOW_THREADS;
    tally_size(n, key, bits, &limit);
    logrank(n, key, bits, limit, g, observed, expected, covariance, work);
    Py_END_ALLOW_THREADS;
    release(&h);
    Py_RETURN_NONE;
}

static PyObject *py_product_limit(PyObject *self, PyObject *args)
{
    (void)self;
    PyObject *at_risk_, *events_, *survival_, *se_;
    Held h = {.count = 0};
    i64 n[4];
    if (!PyArg_ParseTuple(args, "OOOO", &at_risk_, &events_, &survival_, &se_)) return NULL;
    const double *at_risk = hold(&h, at_risk_, 8, 0, &n[0]);
    const double *events = hold(&h, events_, 8, 0, &n[1]);
    double *survival = hold(&h, survival_, 8, 1, &n[2]), *se = hold(&h, se_, 8, 1, &n[3]);
    if (PyErr_Occurred() || n[0] != n[1] || n[1] != n[2] || n[2] != n[3]) {
        if (!PyErr_Occurred()) PyErr_SetString(PyExc_ValueError, "arrays differ in length");
        release(&h);
        return NULL;
    }
    Py_BEGIN_ALLOW_THREADS;
    product_limit(n[0], at_risk, events, survival, se);
    Py_END_ALLOW_THREADS;
    release(&h);
    Py_RETURN_NONE;
}

static PyObject *py_leave(PyObject *self, PyObject *args)
{
    (void)self;
    PyObject *rows_, *sorted_, *entry_, *gptr_, *sptr_, *times_, *leave_, *gone_, *gone_ptr_;
    Held h = {.count = 0};
    i64 strata, count;
    if (!PyArg_ParseTuple(args, "OOOOOOOOO", &rows_, &sorted_, &entry_, &gptr_, &sptr_, &times_,
                          &leave_, &gone_, &gone_ptr_))
        return NULL;
    const i64 *rows = hold(&h, rows_, 8, 0, NULL), *sorted = hold(&h, sorted_, 8, 0, NULL);
    const double *entry = hold(&h, entry_, 8, 0, NULL);
    const i64 *gptr = hold(&h, gptr_, 8, 0, NULL), *sptr = hold(&h, sptr_, 8, 0, &strata);
    const double *times = hold(&h, times_, 8, 0, NULL);
    i64 *leave = hold(&h, leave_, 8, 1, NULL), *gone = hold(&h, gone_, 8, 1, NULL),
        *gone_ptr = hold(&h, gone_ptr_, 8, 1, NULL);
    if (PyErr_Occurred()) {
        release(&h);
        return NULL;
    }
    Py_BEGIN_ALLOW_THREADS;
    count = find_leave(rows, sorted, entry, gptr, sptr, strata - 1, times, leave, gone, gone_ptr);
    Py_END_ALLOW_THREADS;
    release(&h);
    return PyLong_FromLongLong(count);
}

/* gather(x, rows, center | None, mean_out, out, squares_out, threads): x is n x p of any layout. */
static PyObject *py_gather(PyObject *self, PyObject *args)
{
    (void)self;
    PyObject *x_, *rows_, *mean_, *out_, *squares_;
    int threads, center, bad = 0;
    Held h = {.count = 0};
    Py_buffer xv;
    if (!PyArg_ParseTuple(args, "OOOOOpi", &x_, &rows_, &mean_, &out_, &squares_, &center, &threads))
        return NULL;
    if (PyObject_GetBuffer(x_, &xv, PyBUF_STRIDES | PyBUF_FORMAT)) return NULL;
    if (xv.ndim != 2 || xv.itemsize != 8 || !xv.format || strcmp(xv.format, "d")) {
        PyErr_SetString(PyExc_TypeError, "X must be a two-dimensional array of doubles");
        goto fail;
    }
    Gather g;
    i64 out_size, p1, p2;
    g.x = xv.buf;
    g.n = xv.shape[0];
    g.p = xv.shape[1];
    g.row_step = xv.strides[0];
    g.column_step = xv.strides[1];
    g.rows = hold(&h, rows_, 8, 0, &g.m);
    double *mean = hold(&h, mean_, 8, 1, &p1);
    g.out = hold(&h, out_, 8, 1, &out_size);
    g.squares = hold(&h, squares_, 8, 1, &p2);
    if (PyErr_Occurred()) goto fail;
    if (out_size != g.m * g.p || p1 != g.p || p2 != g.p) {
        PyErr_SetString(PyExc_ValueError, "an output has the wrong size");
        goto fail;
    }
    Py_BEGIN_ALLOW_THREADS;
    if (center) column_means(g.x, g.n, g.p, g.row_step, g.column_step, mean, g.squares);
    g.center = mean;
    bad = gather(g, threads);
    Py_END_ALLOW_THREADS;
    if (bad) {
        PyErr_NoMemory();
        goto fail;
    }
    release(&h);
    PyBuffer_Release(&xv);
    Py_RETURN_NONE;
fail:
    release(&h);
    PyBuffer_Release(&xv);
    return NULL;
}

/* Contiguous columns of doubles, each `n` long; `*views` is to be released and freed. */
static const double **hold_columns(PyObject *tuple, Py_buffer **views, i64 *p, i64 *n)
{
    *p = 0;
    *n = 0;
    *views = NULL;
    if (!PyTuple_Check(tuple)) {
        PyErr_SetString(PyExc_TypeError, "columns are a tuple");
        return NULL;
    }
    const i64 count = (i64)PyTuple_Size(tuple);
    const double **columns = malloc((size_t)(count + 1) * sizeof(*columns));
    *views = malloc((size_t)(count + 1) * sizeof(**views));
    if (!columns || !*views) {
        free(columns);
        PyErr_NoMemory();
        return NULL;
    }
    for (; *p < count; ++*p) {
        Py_buffer *v = *views + *p;
        if (PyObject_GetBuffer(PyTuple_GetItem(tuple, *p), v, PyBUF_C_CONTIGUOUS | PyBUF_FORMAT)) break;
        columns[*p] = v->buf;
        const int same = v->itemsize == 8 && v->format && !strcmp(v->format, "d") &&
                         (!*p || v->len / 8 == *n);
        *n = v->len / 8;
        if (same) continue;
        PyErr_SetString(PyExc_TypeError, "columns must be doubles, all as long");
        ++*p;
        break;
    }
    if (!PyErr_Occurred()) return columns;
    free(columns);
    return NULL;
}

static void release_columns(const double **columns, Py_buffer *views, i64 p)
{
    while (views && p) PyBuffer_Release(&views[--p]);
    free(views);
    free(columns);
}

static PyObject *py_moments(PyObject *self, PyObject *args)
{
    (void)self;
    PyObject *columns_, *mean_, *squares_;
    if (!PyArg_ParseTuple(args, "OOO", &columns_, &mean_, &squares_)) return NULL;
    i64 p, n, size[2];
    Py_buffer *views;
    Held h = {.count = 0};
    const double **columns = hold_columns(columns_, &views, &p, &n);
    double *mean = columns ? hold(&h, mean_, 8, 1, &size[0]) : NULL;
    double *squares = mean ? hold(&h, squares_, 8, 1, &size[1]) : NULL;
    const int fits = squares && size[0] == p && size[1] == p;
    if (fits) {
        Py_BEGIN_ALLOW_THREADS;
        for (i64 j = 0; j < p; j++) column_moments(columns[j], n, mean + j, squares + j);
        Py_END_ALLOW_THREADS;
    } else if (!PyErr_Occurred())
        PyErr_SetString(PyExc_ValueError, "an output has the wrong size");
    release(&h);
    release_columns(columns, views, p);
    if (!fits) return NULL;
    Py_RETURN_NONE;
}

static PyObject *py_place(PyObject *self, PyObject *args)
{
    (void)self;
    PyObject *columns_, *rows_, *places_, *center_, *out_;
    if (!PyArg_ParseTuple(args, "OOOOO", &columns_, &rows_, &places_, &center_, &out_)) return NULL;
    i64 p, n, m = 0, size[3] = {0, 0, 0};
    Py_buffer *views;
    Held h = {.count = 0};
    const double **columns = hold_columns(columns_, &views, &p, &n);
    int fits = columns != NULL;
    if (fits) {
        const int32_t *rows = hold(&h, rows_, 4, 0, &m);
        const i64 *places = PyErr_Occurred() ? NULL : hold(&h, places_, 8, 0, &size[0]);
        const double *center = PyErr_Occurred() ? NULL : hold(&h, center_, 8, 0, &size[1]);
        double *out = PyErr_Occurred() ? NULL : hold(&h, out_, 8, 1, &size[2]);
        fits = !PyErr_Occurred() && size[0] == m && size[1] == p && p > 0;
        for (i64 i = 0; fits && i < m; i++)
            fits = rows[i] >= 0 && rows[i] < n && places[i] < size[2] / p;
        if (fits) {
            Py_BEGIN_ALLOW_THREADS;
            place_rows(m, p, columns, rows, places, center, out);
            Py_END_ALLOW_THREADS;
        } else if (!PyErr_Occurred())
            PyErr_SetString(PyExc_ValueError, "arrays that disagree, or a row that is not there");
    }
    release(&h);
    release_columns(columns, views, p);
    if (!fits) return NULL;
    Py_RETURN_NONE;
}

static PyObject *py_bootstrap(PyObject *self, PyObject *args)
{
    (void)self;
    PyObject *tuple, *counts_, *scale_, *beta_, *se_, *loglik_, *status_;
    Held h = {.count = 0};
    Held h2 = {.count = 0};
    Design d;
    Stack k;
    memset(&k, 0, sizeof k);
    if (!PyArg_ParseTuple(args, "OOOidOOOO", &tuple, &counts_, &scale_, &k.max_iterations,
                          &k.decrement, &beta_, &se_, &loglik_, &status_))
        return NULL;
    i64 nc, nb, ns, nl, nscale;
    if (get_design(tuple, &h, &d)) goto fail;
    k.base = &d;
    k.counts = hold(&h2, counts_, 4, 0, &nc);
    k.scale = hold(&h2, scale_, 8, 0, &nscale);
    k.beta = hold(&h2, beta_, 8, 1, &nb);
    k.se = hold(&h2, se_, 8, 1, &ns);
    k.loglik = hold(&h2, loglik_, 8, 1, &nl);
    k.status = hold(&h2, status_, 1, 1, &k.replicates);
    if (PyErr_Occurred()) goto fail;
    if (nc != k.replicates * d.m || nb != k.replicates * d.p || ns != nb ||
        nl != 2 * k.replicates || nscale != d.p) {
        PyErr_SetString(PyExc_ValueError, "an output has the wrong size");
        goto fail;
    }
    Py_BEGIN_ALLOW_THREADS;
    pthread_mutex_init(&k.lock, NULL);
    pthread_t ids[16];
    int threads = d.threads < 1 ? 1 : d.threads > 16 ? 16 : d.threads, started = 0;
    for (int i = 1; i < threads; i++)
        if (!pthread_create(&ids[started], NULL, run_stack, &k)) started++;
    run_stack(&k);
    for (int i = 0; i < started; i++) pthread_join(ids[i], NULL);
    pthread_mutex_destroy(&k.lock);
    Py_END_ALLOW_THREADS;
    if (k.failed) {
        PyErr_NoMemory();
        goto fail;
    }
    release(&h2);
    release(&h);
    Py_RETURN_NONE;
fail:
    release(&h2);
    release(&h);
    return NULL;
}

static PyObject *py_instructions(PyObject *self, PyObject *args)
{
    (void)self;
    (void)args;
    return PyUnicode_FromString(instructions);
}

/* Raised with every change of what a function takes or gives: engine.py refuses another one. */
#define VERSION 3

static PyObject *py_version(PyObject *self, PyObject *args)
{
    (void)self;
    (void)args;
    return PyLong_FromLong(VERSION);
}

static PyMethodDef methods[] = {
    {"evaluate", py_evaluate, METH_VARARGS, "evaluate(design, beta, score | None, info | None, ...)"},
    {"sums", py_sums, METH_VARARGS, "sums(x, beta, weight | None, out)"},
    {"newton", py_newton, METH_VARARGS, "newton(design, scale, max_iterations, decrement, ...)"},
    {"order", py_order, METH_VARARGS, "order(time, event, strata, subset, order)"},
    {"ascend", py_ascend, METH_VARARGS, "ascend(time, order): whether some times are one"},
    {"groups", py_groups, METH_VARARGS, "groups(order, time, event, strata, out | None)"},
    {"arrange", py_arrange, METH_VARARGS, "arrange(ascending, time, event, order)"},
    {"tally", py_tally, METH_VARARGS, "tally(keys, bits, limit, times | None, ...)"},
    {"logrank", py_logrank, METH_VARARGS, "logrank(keys, bits, observed, expected, covariance)"},
    {"product_limit", py_product_limit, METH_VARARGS, "product_limit(at_risk, events, survival, se)"},
    {"leave", py_leave, METH_VARARGS, "leave(rows, sorted, entry, gptr, sptr, times, ...)"},
    {"gather", py_gather, METH_VARARGS, "gather(x, rows, mean, out, squares, center, threads)"},
    {"moments", py_moments, METH_VARARGS, "moments(columns, mean, squares)"},
    {"place", py_place, METH_VARARGS, "place(columns, rows, places, center, out)"},
    {"bootstrap", py_bootstrap, METH_VARARGS, "bootstrap(design, counts, scale, ...)"},
    {"version", py_version, METH_NOARGS, "version of these functions"},
    {"instructions", py_instructions, METH_NOARGS, "instruction set chosen at load time"},
    {NULL, NULL, 0, NULL}};

static PyModuleDef_Slot slots[] = {{0, NULL}};

static struct PyModuleDef module = {.m_base = PyModuleDef_HEAD_INIT,
                                    .m_name = "_kernel",
                                    .m_doc = "Compiled Cox kernel; see oncohort.stats.engine.",
                                    .m_size = 0,
                                    .m_methods = methods,
                                    .m_slots = slots};

PyMODINIT_FUNC PyInit__kernel(void)
{
    choose_instructions();
    return PyModuleDef_Init(&module);
}
