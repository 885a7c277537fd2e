import { useEffect, useState } from "react";

type Ferry = { time: string; ship: string; cancelled?: boolean };

interface Props {
  pier: number;
  onSelect(ferry: Ferry): void;
}

function useFerries(pier: number): Ferry[] {
  const [ferries, setFerries] = useState<Ferry[]>([]);
  useEffect(() => {
    const controller = new AbortController();
    fetch(`/api/piers/${pier}`, { signal: controller.signal })
      .then((response) => response.json())
      .then(setFerries);
    return () => controller.abort();
  }, [pier]);
  return ferries;
}

export function Timetable({ pier, onSelect }: Props) {
  const ferries = useFerries(pier);
  if (!ferries.length) {
    return <p>No ferries today.</p>;
  }
  return (
    <section>
      <h2>Pier {pier}</h2>
      <ul>
        {ferries.map((ferry) => (
          <li key={ferry.time} className={ferry.cancelled ? "cancelled" : ""}>
            <button onClick={() => onSelect(ferry)}>
              {ferry.time} {ferry.ship}
            </button>
          </li>
        ))}
      </ul>
      <footer>Times are local.</footer>
    </section>
  );
}
