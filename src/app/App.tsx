export function App() {
  return <h1>Recall Lab</h1>;
}
