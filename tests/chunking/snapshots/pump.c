#include <stdbool.h>
#include <stdio.h>

#define MAX_PUMPS 4

/* A pump of the dry dock. */
struct pump {
    int number;
    double flow; /* cubic metres per minute */
    bool running;
};

static struct pump pumps[MAX_PUMPS] = {
    {1, 40.0, false},
    {2, 40.0, false},
    {3, 25.0, false},
    {4, 25.0, false},
};

/* How long it takes to empty the dock, in minutes; -1 if no pump is running. */
static double time_to_empty(double volume)
{
    double flow = 0;
    for (int i = 0; i < MAX_PUMPS; i++)
        if (pumps[i].running)
            flow += pumps[i].flow;
    return flow > 0 ? volume / flow : -1;
}

#ifdef SELF_TEST
static int self_test(void)
{
    return time_to_empty(100) == -1;
}
#endif

int main(void)
{
    double volume;
    if (scanf("%lf", &volume) != 1) {
        fprintf(stderr, "expected a volume\n");
        return 1;
    }
    pumps[0].running = pumps[2].running = true;
    printf("%.1f min\n", time_to_empty(volume));
    return 0;
}
